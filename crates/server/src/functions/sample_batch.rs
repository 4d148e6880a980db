//! The body of `ops-metrics-ingest`, checked as a whole: one bad sample refuses the batch, by its place and with why.

mod described;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use plimsoll_db::samples::SampleBatch;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::body_required;
use crate::times;

pub(crate) use described::SampleBatchSent;

pub(crate) const MAX_SAMPLES: usize = 10_000;
const MAX_METRIC_CHARS: usize = 200;
const MAX_DIMS: usize = 64;
const MAX_DIMS_BYTES: usize = 4096;
/// Before this a number was meant as seconds, or a clock was never set.
const EARLIEST: &str = "2000-01-01T00:00:00Z";
/// What a sender's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The fields of a JSON object, each as it was written: numbers are read here and not by a parser that would refuse the
/// whole body for one that does not fit.
type Fields<'a> = HashMap<String, &'a RawValue>;

/// Reads a body such as `{"project_id": …, "ts": "2026-11-21T10:00:00Z", "samples": [{"metric": "cpu_pct", "value": 45.2}]}`.
/// Fields that we do not know are left alone.
pub(crate) fn read(body: &[u8], now: Timestamp) -> Result<SampleBatch, ApiError> {
    if body.trim_ascii().is_empty() {
        return Err(body_required());
    }
    let fields: Fields<'_> = serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(if error.is_data() {
            "The body must be a JSON object such as {\"project_id\": …, \"ts\": …, \"samples\": […]}".to_owned()
        } else {
            format!("The body is not valid JSON: {error}")
        })
    })?;
    let project_id = id(&fields, "project_id")?.ok_or_else(|| ApiError::bad_request("project_id is required"))?;
    let branch_id = id(&fields, "branch_id")?;
    let ts = given(&fields, "ts").ok_or_else(|| ApiError::bad_request("ts is required"))?;
    let ts = timestamp(ts.get(), now).map_err(ApiError::bad_request)?;
    let samples = given(&fields, "samples").ok_or_else(|| ApiError::bad_request("samples is required"))?;
    let samples: Vec<&RawValue> = serde_json::from_str(samples.get())
        .map_err(|_| ApiError::bad_request("samples must be an array of {\"metric\", \"value\", \"dims\"}"))?;
    if samples.len() > MAX_SAMPLES {
        let message = format!("there are {} samples: send {MAX_SAMPLES} at a time at most", samples.len());
        return Err(ApiError::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, message).with_code("too_large"));
    }
    let mut batch = SampleBatch {
        project_id,
        branch_id,
        ts,
        metrics: Vec::with_capacity(samples.len()),
        values: Vec::with_capacity(samples.len()),
        dims: Vec::with_capacity(samples.len()),
    };
    for (place, sample) in samples.into_iter().enumerate() {
        let (metric, value, dims) = read_sample(sample.get()).map_err(|fault| {
            ApiError::bad_request(format!("samples[{place}] {fault}; nothing of the batch was stored"))
        })?;
        batch.metrics.push(metric);
        batch.values.push(value);
        batch.dims.push(dims);
    }
    Ok(batch)
}

fn given<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a RawValue> {
    fields.get(name).copied().filter(|value| value.get() != "null")
}

fn id(fields: &Fields<'_>, name: &str) -> Result<Option<Uuid>, ApiError> {
    let Some(value) = given(fields, name) else { return Ok(None) };
    match serde_json::from_str(value.get()) {
        Ok(id) => Ok(Some(id)),
        Err(_) => Err(ApiError::bad_request(format!("{name} must be a UUID, not {}", shown(value.get())))),
    }
}

/// A time as JSON: ISO 8601 as JavaScript's `toISOString` and Python's `isoformat` write it, where no offset means UTC,
/// or milliseconds since 1970.
fn timestamp(json: &str, now: Timestamp) -> Result<Timestamp, String> {
    let wrong = |why: &str| format!("ts is {}: {why}", shown(json));
    let at = match serde_json::from_str::<Value>(json) {
        Ok(Value::String(text)) => times::parse(&text),
        Ok(Value::Number(number)) => number
            .as_f64()
            .filter(|milliseconds| milliseconds.abs() < 1e15)
            .and_then(|milliseconds| Timestamp::from_microsecond((milliseconds * 1000.0) as i64).ok()),
        _ => None,
    };
    let at = at.ok_or_else(|| {
        wrong("it must be a time such as \"2026-11-21T10:00:00Z\", or a number of milliseconds since 1970")
    })?;
    if EARLIEST.parse::<Timestamp>().is_ok_and(|earliest| at < earliest) {
        return Err(wrong("that is before the year 2000; a number counts milliseconds since 1970"));
    }
    if at > now + AHEAD {
        return Err(wrong("that is more than a day ahead of this server's clock"));
    }
    Ok(at)
}

fn read_sample(json: &str) -> Result<(String, f64, Option<Value>), String> {
    let fields: Fields<'_> = serde_json::from_str(json).map_err(|_| {
        format!("is {}: it must be an object such as {{\"metric\": \"cpu_pct\", \"value\": 45.2}}", shown(json))
    })?;
    let metric = given(&fields, "metric").ok_or("has no metric")?;
    let name: Option<String> = serde_json::from_str(metric.get()).ok();
    let name = name.filter(|name| is_metric_name(name)).ok_or_else(|| {
        format!(
            "has the metric {}: a name has letters, digits, underscores and colons, no digit first, \
             {MAX_METRIC_CHARS} characters at most",
            shown(metric.get())
        )
    })?;
    let value = *fields.get("value").ok_or("has no value")?;
    // What begins as a number is one, the JSON was checked; one that is too large for a double becomes infinite.
    let number = value.get().starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| value.get().parse::<f64>());
    let number = match number {
        Some(Ok(number)) if number.is_finite() => number,
        _ => return Err(format!("has the value {}: it must be a finite number", shown(value.get()))),
    };
    Ok((name, number, given(&fields, "dims").map(|dims| read_dims(dims.get())).transpose()?))
}

fn is_metric_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':');
    starts_well
        && name.len() <= MAX_METRIC_CHARS
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

fn read_dims(json: &str) -> Result<Value, String> {
    let dims: Map<String, Value> = serde_json::from_str(json)
        .map_err(|_| format!("has the dims {}: they must be an object such as {{\"host\": \"web-1\"}}", shown(json)))?;
    if dims.len() > MAX_DIMS || json.len() > MAX_DIMS_BYTES {
        return Err(format!("has too many dims: {MAX_DIMS} at most, in {MAX_DIMS_BYTES} bytes"));
    }
    for (name, value) in &dims {
        if value.is_object() || value.is_array() {
            return Err(format!("has dims.{name} {value}: it must be a string, a number, true or false"));
        }
        // PostgreSQL has no text that holds it.
        if name.contains('\0') || value.as_str().is_some_and(|text| text.contains('\0')) {
            return Err("has dims with a NUL character".to_owned());
        }
    }
    Ok(Value::Object(dims))
}

/// As it was written, cut where it is long.
fn shown(json: &str) -> String {
    const SHOWN_CHARS: usize = 100;
    match json.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &json[..end]),
        None => json.to_owned(),
    }
}

#[cfg(test)]
mod tests;

use serde_json::json;

use super::*;

const NOW: &str = "2026-11-21T12:00:00Z";

fn read_now(body: &str) -> Result<SampleBatch, String> {
    read(body.as_bytes(), NOW.parse().unwrap()).map_err(|error| error.message().to_owned())
}

fn with_ts(ts: &str) -> Result<Timestamp, String> {
    timestamp(ts, NOW.parse().unwrap())
}

fn with_sample(sample: &str) -> Result<SampleBatch, String> {
    let good = r#"{"metric": "ok", "value": 1}"#;
    read_now(&format!(r#"{{"project_id": "{}", "ts": "{NOW}", "samples": [{good}, {sample}]}}"#, Uuid::nil()))
}

#[test]
fn a_batch_is_read_in_order() {
    let body = json!({
        "project_id": Uuid::max(), "branch_id": null, "ts": NOW, "sent_by": "somebody",
        "samples": [
            {"metric": "cpu_pct", "value": 45.2, "dims": {"host": "web-1", "core": 3, "hot": false, "rack": null}},
            {"metric": "job:errors_total", "value": -1e3, "dims": null, "unit": "1"},
            {"metric": "_:", "value": 0},
        ],
    });
    let batch = read_now(&body.to_string()).unwrap();
    assert_eq!((batch.project_id, batch.branch_id, batch.ts), (Uuid::max(), None, NOW.parse().unwrap()));
    assert_eq!(batch.metrics, ["cpu_pct", "job:errors_total", "_:"]);
    assert_eq!(batch.values, [45.2, -1000.0, 0.0]);
    assert_eq!(batch.dims, [Some(body["samples"][0]["dims"].clone()), None, None]);
    let empty = json!({"project_id": Uuid::max(), "branch_id": Uuid::nil(), "ts": NOW, "samples": []});
    assert_eq!(read_now(&empty.to_string()).unwrap().branch_id, Some(Uuid::nil()));
}

#[test]
fn times_are_read_as_programs_write_them() {
    for (ts, means) in [
        (r#""2026-11-21T10:00:00.000Z""#, "2026-11-21T10:00:00Z"),
        (r#""2026-11-21T10:00:00.123456+00:00""#, "2026-11-21T10:00:00.123456Z"),
        (r#""2026-11-21T10:00:00+05:45""#, "2026-11-21T04:15:00Z"),
        (r#""2026-11-21T10:00:00.5""#, "2026-11-21T10:00:00.5Z"),
        (r#"" 2026-11-21 10:00:00+00:00""#, "2026-11-21T10:00:00Z"),
        ("1795255200000", "2026-11-21T10:00:00Z"),
        ("1795255200000.25", "2026-11-21T10:00:00.00025Z"),
        (r#""2026-11-22T11:59:59Z""#, "2026-11-22T11:59:59Z"),
        (r#""2000-01-01T00:00:00Z""#, "2000-01-01T00:00:00Z"),
    ] {
        assert_eq!(with_ts(ts), Ok(means.parse().unwrap()), "{ts}");
    }
    for (ts, says) in [
        (r#""yesterday""#, "ts is \"yesterday\": it must be a time such as"),
        (r#""""#, "must be a time"),
        (r#""2026-13-41T10:00:00Z""#, "must be a time"),
        (r#""10:00""#, "must be a time"),
        ("true", "must be a time"),
        ("{}", "must be a time"),
        ("1e300", "must be a time"),
        ("-1e14", "before the year 2000"),
        ("1795255200", "before the year 2000; a number counts milliseconds"),
        (r#""1999-12-31T23:59:59Z""#, "before the year 2000"),
        (r#""2026-11-22T12:00:01Z""#, "more than a day ahead"),
        (r#""9999-01-01T00:00:00Z""#, "more than a day ahead"),
    ] {
        let fault = with_ts(ts).unwrap_err();
        assert!(fault.contains(says), "{ts}: {fault}");
    }
}

#[test]
fn a_bad_sample_is_named_by_its_place_and_fault() {
    let long = format!(r#"{{"metric": "{}", "value": 1}}"#, "m".repeat(201));
    let dims = |dims: &str| format!(r#"{{"metric": "m", "value": 1, "dims": {dims}}}"#);
    let many: Map<String, Value> = (0..65).map(|n| (format!("d{n}"), json!(n))).collect();
    for (sample, says) in [
        ("7", "is 7: it must be an object"),
        ("[]", "it must be an object"),
        ("null", "it must be an object"),
        ("{}", "has no metric"),
        (r#"{"metric": "m"}"#, "has no value"),
        (r#"{"metric": null, "value": 1}"#, "has no metric"),
        (r#"{"metric": "cpu pct", "value": 1}"#, "has the metric \"cpu pct\": a name has letters"),
        (r#"{"metric": "9lives", "value": 1}"#, "no digit first"),
        (r#"{"metric": "", "value": 1}"#, "a name has letters"),
        (r#"{"metric": "größe", "value": 1}"#, "a name has letters"),
        (r#"{"metric": "m\n", "value": 1}"#, "a name has letters"),
        (r#"{"metric": "m\u0000", "value": 1}"#, "a name has letters"),
        (r#"{"metric": 5, "value": 1}"#, "has the metric 5"),
        (long.as_str(), "200 characters at most"),
        (r#"{"metric": "m", "value": null}"#, "has the value null: it must be a finite number"),
        (r#"{"metric": "m", "value": "1"}"#, "has the value \"1\": it must be a finite number"),
        (r#"{"metric": "m", "value": 1e999}"#, "has the value 1e999"),
        (r#"{"metric": "m", "value": -1e999}"#, "has the value -1e999"),
        (r#"{"metric": "m", "value": true}"#, "has the value true"),
        (&dims("[]"), "has the dims []: they must be an object"),
        (&dims(r#""host""#), "they must be an object"),
        (&dims(r#"{"host": ["a"]}"#), "has dims.host [\"a\"]"),
        (&dims(r#"{"host": {"a": 1}}"#), "has dims.host {\"a\":1}"),
        (&dims(r#"{"host": 1e999}"#), "they must be an object"),
        (&dims(r#"{"host": "a\u0000"}"#), "NUL"),
        (&dims(&Value::Object(many).to_string()), "too many dims"),
        (&dims(&json!({"host": "h".repeat(5000)}).to_string()), "too many dims"),
    ] {
        let fault = with_sample(sample).unwrap_err();
        assert!(fault.starts_with("samples[1] ") && fault.contains(says), "{sample}: {fault}");
    }
}

#[test]
fn what_is_not_a_batch_is_refused_with_what_would_be_one() {
    let id = Uuid::nil();
    for (body, says) in [
        (String::new(), "a JSON body is required"),
        ("{\"project_id\": ".to_owned(), "not valid JSON"),
        ("{\"a\": NaN}".to_owned(), "not valid JSON"),
        ("[]".to_owned(), "must be a JSON object"),
        ("7".to_owned(), "must be a JSON object"),
        (format!(r#"{{"ts": "{NOW}", "samples": []}}"#), "project_id is required"),
        (
            format!(r#"{{"project_id": "shop", "ts": "{NOW}", "samples": []}}"#),
            "project_id must be a UUID, not \"shop\"",
        ),
        (
            format!(r#"{{"project_id": "{id}", "branch_id": 4, "ts": "{NOW}", "samples": []}}"#),
            "branch_id must be a UUID",
        ),
        (format!(r#"{{"project_id": "{id}", "samples": []}}"#), "ts is required"),
        (format!(r#"{{"project_id": "{id}", "ts": null, "samples": []}}"#), "ts is required"),
        (format!(r#"{{"project_id": "{id}", "ts": "{NOW}"}}"#), "samples is required"),
        (format!(r#"{{"project_id": "{id}", "ts": "{NOW}", "samples": {{}}}}"#), "samples must be an array"),
    ] {
        let fault = read_now(&body).unwrap_err();
        assert!(fault.contains(says), "{body}: {fault}");
    }
    let samples = vec![r#"{"metric":"m","value":1}"#; MAX_SAMPLES + 1].join(",");
    let body = format!(r#"{{"project_id": "{id}", "ts": "{NOW}", "samples": [{samples}]}}"#);
    let refused = read(body.as_bytes(), NOW.parse().unwrap()).unwrap_err();
    assert_eq!(refused.status().as_u16(), 413);
}

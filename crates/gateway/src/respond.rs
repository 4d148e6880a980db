//! Status, headers and body of a statement that went well.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LOCATION, CONTENT_RANGE, CONTENT_TYPE, HeaderName, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use plimsoll_db::rest::Outcome;
use plimsoll_db::rest::plan::Count;
use serde_json::{Map, Value};

use crate::database_error::final_status;
use crate::error::ApiError;
use crate::query::encode;
use crate::range::content_range;
use crate::request::{Request, Target};
use crate::resolve::{Reply, ReplyKind};

const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

pub(crate) fn reply(request: &Request, reply: &Reply, outcome: Outcome) -> Result<Response, ApiError> {
    let mut headers = HeaderMap::new();
    // Whether there is a body decides the type; HEAD has the type of the body it leaves out.
    let (status, has_type, has_body) = match reply.kind {
        ReplyKind::Read { head } => {
            let location = format!("{}{}", target_path(request), question(&request.query.canonical));
            set(&mut headers, CONTENT_LOCATION, location);
            (ranged(request, &outcome, &mut headers)?, true, !head)
        }
        ReplyKind::Call { void: true, .. } => {
            ranged(request, &outcome, &mut headers)?;
            (StatusCode::NO_CONTENT, false, false)
        }
        ReplyKind::Call { head, .. } => (ranged(request, &outcome, &mut headers)?, true, !head),
        ReplyKind::Insert { full, merges } => {
            set(&mut headers, CONTENT_RANGE, content_range(1, 0, counted(request, &outcome)));
            if let Some(key) = outcome.location.as_deref().filter(|key| !key.is_empty()) {
                set(&mut headers, LOCATION, location(request, key));
            }
            let status = if merges && outcome.inserted == Some(0) { StatusCode::OK } else { StatusCode::CREATED };
            (status, full, full)
        }
        ReplyKind::Update { full } => {
            set(&mut headers, CONTENT_RANGE, content_range(0, outcome.rows - 1, counted(request, &outcome)));
            (written(full), full, full)
        }
        ReplyKind::Delete { full } => {
            set(&mut headers, CONTENT_RANGE, content_range(1, 0, counted(request, &outcome)));
            (written(full), full, full)
        }
        ReplyKind::Put { full: true } if outcome.inserted.is_some_and(|new| new > 0) => {
            (StatusCode::CREATED, true, true)
        }
        ReplyKind::Put { full } => (written(full), full, full),
    };
    if has_type {
        set(&mut headers, CONTENT_TYPE, reply.media.content_type());
    }
    set(&mut headers, CONTENT_PROFILE, request.schema.clone());
    if let Some(applied) = request.preferences.applied(reply.relevant) {
        set(&mut headers, PREFERENCE_APPLIED, applied);
    }
    let status = chosen_status(outcome.status.as_deref())?.unwrap_or(status);
    choose_headers(&mut headers, outcome.headers.as_deref())?;
    let body = match reply.kind {
        ReplyKind::Read { head: true } | ReplyKind::Call { head: true, .. } => of_untold_length(),
        _ => Body::from(outcome.body.filter(|_| has_body).unwrap_or_default()),
    };
    let mut response = (status, body).into_response();
    // What the body alone would be called is not what it is.
    response.headers_mut().remove(CONTENT_TYPE);
    response.headers_mut().extend(headers);
    Ok(response)
}

/// What HEAD is answered with: nothing, but not of length 0, which would be said to be the length of GET's body.
pub(crate) fn of_untold_length() -> Body {
    Body::from_stream(futures::stream::empty::<Result<Bytes, Infallible>>())
}

/// `OPTIONS`: what may be done with it.
pub(crate) fn allow(methods: &str) -> Response {
    let mut response = ().into_response();
    set(response.headers_mut(), axum::http::header::ALLOW, methods.to_owned());
    response
}

/// The status and `Content-Range` of rows, or 416 where the offset is past all of them.
fn ranged(request: &Request, outcome: &Outcome, headers: &mut HeaderMap) -> Result<StatusCode, ApiError> {
    let total = outcome.total.filter(|_| request.preferences.count.is_some());
    let (status, range) = request.range.answered(outcome.rows, total);
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        let offset = request.range.offset;
        let total = total.unwrap_or_default();
        let details = format!("An offset of {offset} was requested, but there are only {total} rows.");
        let mut error = ApiError::range(details);
        if let Ok(range) = HeaderValue::try_from(range) {
            error = error.header(CONTENT_RANGE, range);
        }
        return Err(error);
    }
    set(headers, CONTENT_RANGE, range);
    Ok(status)
}

fn written(full: bool) -> StatusCode {
    if full { StatusCode::OK } else { StatusCode::NO_CONTENT }
}

/// Of what was written the number of rows is known; a guess of the planner is not asked for.
fn counted(request: &Request, outcome: &Outcome) -> Option<i64> {
    match request.preferences.count {
        Some(Count::Exact | Count::Estimated) => Some(outcome.rows),
        Some(Count::Planned) | None => None,
    }
}

fn target_path(request: &Request) -> String {
    match &request.target {
        Target::Root => "/".into(),
        Target::Table(name) => format!("/{}", encode(name)),
        Target::Function(name) => format!("/rpc/{}", encode(name)),
    }
}

fn question(query: &str) -> String {
    if query.is_empty() { String::new() } else { format!("?{query}") }
}

fn location(request: &Request, key: &[(String, String)]) -> String {
    let filters: Vec<_> =
        key.iter().map(|(column, value)| format!("{}=eq.{}", encode(column), encode(value))).collect();
    format!("{}{}", target_path(request), question(&filters.join("&")))
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: String) {
    // Only a name with characters that no header can hold fails; then there is no header.
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// `response.status`, as the statement set it.
fn chosen_status(status: Option<&str>) -> Result<Option<StatusCode>, ApiError> {
    let Some(status) = status.filter(|status| !status.is_empty()) else { return Ok(None) };
    let chosen = status.parse().ok().and_then(final_status);
    chosen.map(Some).ok_or_else(|| {
        let message = "response.status guc must be a valid status code";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "PGRST112", message)
    })
}

/// `response.headers`: `[{"name": "value"}, …]`, each in place of ours.
fn choose_headers(headers: &mut HeaderMap, chosen: Option<&str>) -> Result<(), ApiError> {
    let Some(chosen) = chosen.filter(|chosen| !chosen.is_empty()) else { return Ok(()) };
    let chosen = read_headers(chosen).ok_or_else(|| {
        let message =
            "response.headers guc must be a JSON array composed of objects with a single key and a string value";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "PGRST111", message)
    })?;
    for (name, _) in &chosen {
        headers.remove(name);
    }
    for (name, value) in chosen {
        headers.append(name, value);
    }
    Ok(())
}

fn read_headers(text: &str) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).ok()?;
    objects
        .into_iter()
        .map(|object| {
            let mut pairs = object.into_iter();
            let (Some((name, Value::String(value))), None) = (pairs.next(), pairs.next()) else { return None };
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_may_choose_status_and_headers() {
        assert_eq!(chosen_status(Some("403")).unwrap(), Some(StatusCode::FORBIDDEN));
        assert_eq!(chosen_status(Some("")).unwrap(), None);
        for bad in ["bad", "1000", "99", "-1", "101"] {
            assert_eq!(chosen_status(Some(bad)).unwrap_err().json()["code"], "PGRST112", "{bad}");
        }
        let mut headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static("/old"))]);
        choose_headers(&mut headers, Some(r#"[{"Location":"/new"},{"Set-Cookie":"a=1"},{"Set-Cookie":"b=2"}]"#))
            .unwrap();
        assert_eq!(headers[LOCATION], "/new");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
        for bad in [
            r#"{"a":"b"}"#,
            r#"[{"a":"b","c":"d"}]"#,
            r#"[{"a":1}]"#,
            "[{}]",
            "x",
            r#"[{"a b":"c"}]"#,
            r#"[{"a":"b\n"}]"#,
        ] {
            assert_eq!(choose_headers(&mut headers, Some(bad)).unwrap_err().json()["code"], "PGRST111", "{bad}");
        }
    }
}

//! What the database refused, as HTTP: PostgREST's table of SQLSTATEs, and `RAISE SQLSTATE 'PGRST'`, with which a
//! function writes the whole reply itself.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use plimsoll_db::Actor;
use plimsoll_db::rest::RestError;
use serde::Deserialize;

use crate::error::ApiError;

/// States that a catalogue from before a change can cause: a name that went away, a type that is another now.
const STALE_STATES: &[&str] = &["42P01", "42883", "42703", "42704", "42804", "42846", "42P10", "22P02", "0A000"];

/// The reply for `error`, which happened while running a statement for `actor`.
pub(crate) fn reply(error: RestError, actor: &Actor) -> ApiError {
    // Code and message: in the details may stand the values of rows.
    let cause = error.to_string();
    answer(error, actor).cause(cause)
}

fn answer(error: RestError, actor: &Actor) -> ApiError {
    match error {
        RestError::NotSingular { rows } => ApiError::not_singular(rows),
        RestError::MaxAffected { rows } => ApiError::max_affected(rows),
        RestError::Changed => {
            ApiError::unavailable("PGRST002", "The schema is changing. Ask again in a moment.").perhaps_stale()
        }
        RestError::Unavailable(_) => {
            ApiError::unavailable("PGRST001", "Database client error. Retrying the connection.")
        }
        RestError::Database { code, message, details, hint } if code == "PGRST" => {
            drop(hint);
            raised(&message, details.as_deref())
        }
        RestError::Database { code, message, details, hint } => {
            let status = status(&code, &message, actor.is_anonymous());
            let stale = STALE_STATES.contains(&code.as_str());
            let mut error = ApiError::new(status, code, message).details(details).hint(hint);
            if status == StatusCode::UNAUTHORIZED {
                error = error.header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            if status == StatusCode::SERVICE_UNAVAILABLE {
                error = error.header(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            if stale { error.perhaps_stale() } else { error }
        }
    }
}

fn status(code: &str, message: &str, anonymous: bool) -> StatusCode {
    if let Some(chosen) = code.strip_prefix("PT") {
        return chosen.parse().ok().and_then(final_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let number = match code {
        "23503" | "23505" => 409,
        "25006" => 405,
        // The words of pg-safeupdate: the request lacks a filter.
        "21000" if message.ends_with("requires a WHERE clause") => 400,
        "21000" => 500,
        "22023" if message.starts_with("role") && message.ends_with("does not exist") => 401,
        // A view that only shows: the client chose a method it does not have, and nothing failed here. PostgREST says 500.
        "55000"
            if ["cannot insert into view", "cannot update view", "cannot delete from view"]
                .iter()
                .any(|words| message.starts_with(words)) =>
        {
            405
        }
        "53400" => 500,
        "57P01" => 503,
        "P0001" => 400,
        "42883" if message.starts_with("function xmlagg(") => 406,
        "42883" | "42P01" => 404,
        "42P17" => 500,
        "42501" if anonymous => 401,
        "42501" => 403,
        _ => match code.get(..2).unwrap_or_default() {
            "08" | "53" => 503,
            "0L" | "0P" | "28" => 403,
            "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0" | "HV" | "P0" | "XX" => {
                500
            }
            _ => 400,
        },
    };
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A status that may end a request: the 1xx announce another.
pub(crate) fn final_status(number: u16) -> Option<StatusCode> {
    StatusCode::from_u16(number).ok().filter(|status| status.as_u16() >= 200)
}

#[derive(Deserialize)]
struct RaisedMessage {
    code: String,
    message: String,
    details: Option<String>,
    hint: Option<String>,
}

#[derive(Deserialize)]
struct RaisedDetail {
    status: u16,
    headers: BTreeMap<String, String>,
}

fn raised(message: &str, detail: Option<&str>) -> ApiError {
    const MESSAGE: &str =
        "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.";
    const DETAIL: &str =
        "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.";
    let Ok(body) = serde_json::from_str::<RaisedMessage>(message) else {
        return unreadable(format!("Invalid JSON value for MESSAGE: '{message}'"), MESSAGE);
    };
    let Some(detail) = detail else {
        return unreadable("DETAIL is missing in the RAISE statement".into(), DETAIL);
    };
    let parsed = serde_json::from_str::<RaisedDetail>(detail).ok();
    let Some((status, parsed)) = parsed.and_then(|parsed| Some((final_status(parsed.status)?, parsed))) else {
        return unreadable(format!("Invalid JSON value for DETAIL: '{detail}'"), DETAIL);
    };
    let mut error = ApiError::new(status, body.code, body.message).details(body.details).hint(body.hint);
    for (name, value) in parsed.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
            return unreadable(format!("Invalid JSON value for DETAIL: '{detail}'"), DETAIL);
        };
        error = error.header(name, value);
    }
    error
}

fn unreadable(details: String, hint: &str) -> ApiError {
    ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "PGRST121",
        "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
    )
    .details(details)
    .hint(hint)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde_json::json;

    use super::*;

    fn raise(code: &str, message: &str, details: Option<&str>) -> RestError {
        RestError::Database {
            code: code.into(),
            message: message.into(),
            details: details.map(str::to_owned),
            hint: None,
        }
    }

    #[test]
    fn states_have_the_status_of_the_table() {
        for (code, expected) in [
            ("08006", 503),
            ("09000", 500),
            ("0L000", 403),
            ("0P000", 403),
            ("21000", 500),
            ("22P02", 400),
            ("22023", 400),
            ("23502", 400),
            ("23503", 409),
            ("23505", 409),
            ("23514", 400),
            ("25006", 405),
            ("25P02", 500),
            ("28000", 403),
            ("2D000", 500),
            ("38000", 500),
            ("39000", 500),
            ("3B000", 500),
            ("40001", 500),
            ("40P01", 500),
            ("42501", 403),
            ("42601", 400),
            ("42703", 400),
            ("42883", 404),
            ("42P01", 404),
            ("42P17", 500),
            ("53300", 503),
            ("53400", 500),
            ("54001", 500),
            ("55000", 500),
            ("57014", 500),
            ("57P01", 503),
            ("58000", 500),
            ("F0000", 500),
            ("HV000", 500),
            ("P0001", 400),
            ("P0002", 500),
            ("P0004", 500),
            ("XX000", 500),
            ("PT402", 402),
            ("PT419", 419),
            ("PTabc", 500),
            ("PT099", 500),
            ("PT100", 500),
            ("ZZ999", 400),
            ("", 400),
            ("4", 400),
        ] {
            assert_eq!(reply(raise(code, "m", None), &Actor::Service).status(), expected, "{code}");
        }
        assert_eq!(status("42883", "function xmlagg(text) does not exist", false), 406);
        assert_eq!(status("21000", "DELETE requires a WHERE clause", false), 400);
        assert_eq!(status("55000", "cannot update view \"build_events\"", false), 405);
        assert_eq!(status("22023", "role \"x\" does not exist", false), 401);
    }

    #[test]
    fn who_did_not_say_who_they_are_may_sign_in() {
        let response = reply(raise("42501", "permission denied", None), &Actor::Anonymous).into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let response = reply(raise("42501", "permission denied", None), &Actor::Service).into_response();
        assert_eq!(response.status(), 403);
        assert!(!response.headers().contains_key("www-authenticate"));
    }

    #[test]
    fn a_function_may_write_the_whole_reply() {
        let message = r#"{"code":"123","message":"ABC","details":"DEF","hint":"XYZ"}"#;
        let error = reply(
            raise("PGRST", message, Some(r#"{"status":332,"headers":{"X-Header":"str"},"status_text":"My Custom"}"#)),
            &Actor::Service,
        );
        assert_eq!(error.json(), json!({"code": "123", "message": "ABC", "details": "DEF", "hint": "XYZ"}));
        let response = error.into_response();
        assert_eq!(response.status(), 332);
        assert_eq!(response.headers()["x-header"], "str");
        assert_eq!(response.headers()["proxy-status"], "PostgREST; error=123");
    }

    #[test]
    fn a_reply_that_cannot_be_read_says_what_is_wrong() {
        let valid = r#"{"code":"1","message":"m"}"#;
        for (message, detail, details) in [
            ("INVALID", Some("{}"), "Invalid JSON value for MESSAGE: 'INVALID'"),
            (valid, None, "DETAIL is missing in the RAISE statement"),
            (valid, Some("{}"), "Invalid JSON value for DETAIL: '{}'"),
            (
                valid,
                Some(r#"{"status":1,"headers":{}}"#),
                r#"Invalid JSON value for DETAIL: '{"status":1,"headers":{}}'"#,
            ),
            (
                valid,
                Some(r#"{"status":200,"headers":{"a b":""}}"#),
                r#"Invalid JSON value for DETAIL: '{"status":200,"headers":{"a b":""}}'"#,
            ),
        ] {
            let error = reply(raise("PGRST", message, detail), &Actor::Service);
            assert_eq!((error.status(), &error.json()["code"]), (500, &json!("PGRST121")));
            assert_eq!(error.json()["details"], details);
        }
    }
}

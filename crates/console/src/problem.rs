//! What a page answers when it cannot be shown.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use plimsoll_db::DbError;
use serde::Serialize;

use crate::answer::{Face, html};
use crate::assets;
use crate::pages::no_org::NoOrgPage;

/// Carried as an extension of the bare response until [`render`] knows which face the caller wants.
#[derive(Debug, Clone)]
pub(crate) enum Problem {
    SignInFirst,
    /// The person who is signed in belongs to no org, so no page of one is theirs.
    NoOrg {
        email: String,
    },
    Shown {
        status: StatusCode,
        message: String,
    },
}

#[derive(Debug, Serialize)]
struct ProblemView {
    status: u16,
    title: &'static str,
    #[serde(rename = "error")]
    message: String,
    request_id: Option<String>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    assets: &'static str,
    v: &'a ProblemView,
}

impl Problem {
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::Shown { status: StatusCode::NOT_FOUND, message: message.into() }
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::Shown { status: StatusCode::FORBIDDEN, message: message.into() }
    }

    /// A fault of ours: the cause goes to the log, the reader gets the request's id.
    pub(crate) fn fault(cause: &dyn std::error::Error) -> Self {
        tracing::error!("error.cause" = %cause, "a page could not be made: {cause}");
        let message = "This is a fault of Plimsoll, not of yours. The server's log has it under the request id.";
        Self::Shown { status: StatusCode::INTERNAL_SERVER_ERROR, message: message.into() }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let status = match &error {
            DbError::NotFound(_) => StatusCode::NOT_FOUND,
            DbError::Forbidden(_) => StatusCode::FORBIDDEN,
            DbError::Invalid(_) => StatusCode::BAD_REQUEST,
            DbError::Unavailable(_) => {
                tracing::warn!("error.cause" = %error, "a page had no database: {error}");
                let message = "The database does not answer. It may be starting: try again in a moment.".into();
                return Self::Shown { status: StatusCode::SERVICE_UNAVAILABLE, message };
            }
            other => return Self::fault(other),
        };
        Self::Shown { status, message: sentence(&error.to_string()) }
    }
}

/// Messages of the database start small, as parts of a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let mut text: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            // As any page of an org is for who does not belong to it.
            Self::NoOrg { .. } => StatusCode::NOT_FOUND,
            Self::Shown { status, .. } => *status,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns problems into the page or the JSON that the caller reads.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let request_id = request.headers().get(HeaderName::from_static("x-request-id"));
    let request_id = request_id.and_then(|id| id.to_str().ok()).map(str::to_owned);
    let target = request.uri().path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned());
    let (parts, body) = request.into_parts();
    let face = Face::of(&parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    match response.extensions().get::<Problem>().cloned() {
        None => response,
        Some(Problem::SignInFirst) if face == Face::Page => {
            Redirect::to(&format!("/signin?next={}", escape_query(&target))).into_response()
        }
        Some(Problem::SignInFirst) => {
            show(face, StatusCode::UNAUTHORIZED, "Sign in, or send an API token.".into(), request_id)
        }
        Some(Problem::NoOrg { email }) if face == Face::Page => {
            html(StatusCode::NOT_FOUND, &NoOrgPage { assets: assets::base(), email: &email })
        }
        Some(Problem::NoOrg { .. }) => {
            show(face, StatusCode::NOT_FOUND, "You belong to no organisation.".into(), request_id)
        }
        Some(Problem::Shown { status, message }) => show(face, status, message, request_id),
    }
}

fn show(face: Face, status: StatusCode, message: String, request_id: Option<String>) -> Response {
    let title = match status {
        StatusCode::NOT_FOUND => "Not here",
        StatusCode::FORBIDDEN => "Not yours to see",
        StatusCode::UNAUTHORIZED => "Sign in first",
        StatusCode::BAD_REQUEST => "That address is not right",
        StatusCode::SERVICE_UNAVAILABLE => "Not available right now",
        _ => "Something broke",
    };
    let view = ProblemView { status: status.as_u16(), title, message, request_id };
    if face == Face::Json {
        return (status, axum::Json(view)).into_response();
    }
    match (ProblemPage { assets: assets::base(), v: &view }).render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => (status, view.message).into_response(),
    }
}

/// Percent-encodes all but what a query value may hold as it is.
pub(crate) fn escape_query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

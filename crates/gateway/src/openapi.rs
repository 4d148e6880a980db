//! The description of a schema, made from the catalogue.

mod schema;
mod swagger;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::media::Media;
use crate::resolve::Scope;

/// `GET /`: Swagger 2.0 of what the caller's role may use, as PostgREST gives it.
pub(crate) fn root(scope: Scope<'_>, head: bool) -> Response {
    let body = if head { String::new() } else { swagger::describe(scope).to_string() };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, Media::OpenApi.content_type()),
        (HeaderName::from_static("content-profile"), scope.schema.to_owned()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

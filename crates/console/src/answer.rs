//! One view model, two faces: the page, and its JSON twin for `Accept: application/json` or `?format=json`.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use crate::problem::Problem;

/// Which face the caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Page,
    Json,
}

impl Face {
    pub(crate) fn of(parts: &Parts) -> Self {
        let by_query = parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "format=json"));
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let by_header = accept.contains("application/json") && !accept.contains("text/html");
        if by_query || by_header { Self::Json } else { Self::Page }
    }

    pub(crate) fn show<V: Serialize>(self, view: &V, page: &impl Template) -> Response {
        match self {
            Self::Json => axum::Json(view).into_response(),
            Self::Page => html(StatusCode::OK, page),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Face {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

pub(crate) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, [(header::VARY, HeaderValue::from_static("accept"))], Html(text)).into_response(),
        Err(error) => Problem::fault(&error).into_response(),
    }
}

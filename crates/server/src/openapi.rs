//! The description of what there is, at `/openapi.json`, and a page that shows it, at `/docs`.

mod any_request;
mod document;
mod page;

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::get;

use crate::state::AppState;

pub use document::document;

pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/openapi.json", get(json)).route("/docs", get(docs)).route("/docs/style.css", get(style))
}

async fn json() -> impl IntoResponse {
    static JSON: LazyLock<String> =
        LazyLock::new(|| document().to_pretty_json().expect("the description is plain data"));
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], JSON.as_str())
}

async fn docs() -> impl IntoResponse {
    static PAGE: LazyLock<String> =
        LazyLock::new(|| page::render(&serde_json::to_value(document()).expect("the description is plain data")));
    ([(CACHE_CONTROL, "no-cache")], Html(PAGE.as_str()))
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")], include_str!("openapi/style.css"))
}

//! The description of what there is, at `/openapi.json`, and a page that shows it, at `/docs`.

mod any_request;
mod api_key;
mod document;
mod page;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value};

use crate::state::AppState;

pub use document::document;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(json))
        .route("/docs", get(docs))
        .route("/docs/style.css", get(style))
        .route("/favicon.ico", get(icon))
}

/// What browsers ask for beside any page; the pages' own icon is found under any version.
async fn icon() -> Redirect {
    Redirect::permanent("/assets/any/favicon.svg")
}

async fn json(State(state): State<AppState>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Json(whole(&state).await))
}

async fn docs(State(state): State<AppState>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Html(page::render(&whole(&state).await)))
}

/// Our own endpoints, and the gateway's as the schema is now. Without a database ours are still described.
async fn whole(state: &AppState) -> Value {
    static OURS: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(document()).expect("the description is plain data"));
    let mut document = OURS.clone();
    add_gateway(state, &mut document).await;
    api_key::accept(&mut document);
    document
}

async fn add_gateway(state: &AppState, document: &mut Value) {
    let Some(describe) = &state.describe_gateway else { return };
    match describe().await {
        Ok(gateway) => {
            add(&mut document["paths"], &gateway["paths"]);
            for (kind, components) in gateway["components"].as_object().into_iter().flatten() {
                add(&mut document["components"][kind], components);
            }
        }
        Err(error) => {
            tracing::warn!("error.cause" = %error, "the description leaves out the gateway: {error}");
        }
    }
}

fn add(to: &mut Value, from: &Value) {
    if to.is_null() {
        *to = Value::Object(Map::new());
    }
    if let (Some(to), Some(from)) = (to.as_object_mut(), from.as_object()) {
        to.extend(from.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")], include_str!("openapi/style.css"))
}

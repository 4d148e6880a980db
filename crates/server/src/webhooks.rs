//! Deliveries from code hosts: checked, stored, answered. What they cause happens afterwards, in the engine.

mod github;
mod signature;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::state::AppState;

pub(crate) use github::{__path_github_org, __path_github_project};

/// What GitHub sends at most.
const BODY_BYTES: usize = 25 << 20;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/webhooks/github/{target}", post(github::github_org))
        .route("/webhooks/github/{org}/{project}", post(github::github_project))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

//! What is known of one build while it runs and after.

mod artifacts;
mod cancel;
mod get;
pub(crate) mod logs;
mod rebuild;
mod tests;
mod why;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

pub(crate) use artifacts::__path_list_artifacts;
pub(crate) use cancel::__path_cancel_build;
pub(crate) use get::__path_get_build;
pub(crate) use rebuild::__path_rebuild;
pub(crate) use tests::__path_list_tests;
pub(crate) use why::__path_why_queued;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/builds/{build_id}", get(get::get_build))
        .route("/api/ops/builds/{build_id}/cancel", post(cancel::cancel_build))
        .route("/api/ops/builds/{build_id}/rebuild", post(rebuild::rebuild))
        .route("/api/ops/builds/{build_id}/why", get(why::why_queued))
        .route("/api/ops/builds/{build_id}/tests", get(tests::list_tests))
        .route("/api/ops/builds/{build_id}/artifacts", get(artifacts::list_artifacts))
        .merge(logs::router())
}

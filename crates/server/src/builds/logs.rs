//! A build's log: as JSON, as text, as a live stream, and where to jump to in it.

mod follow;
mod lines;
mod marks;
mod search;
mod stream;
mod text;
mod text_format;

use axum::Router;
use axum::routing::get;
use plimsoll_db::Actor;
use plimsoll_db::watch::BuildState;
use uuid::Uuid;

use crate::error::ApiError;
use crate::state::AppState;

pub(crate) use follow::Follower;
pub(crate) use lines::__path_log_lines;
pub(crate) use marks::__path_log_marks;
pub(crate) use search::__path_search_log;
pub(crate) use stream::__path_stream_log;
pub(crate) use text::__path_log_text;

/// Answers that are made whole.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/builds/{build_id}/logs", get(lines::log_lines))
        .route("/api/ops/builds/{build_id}/logs/search", get(search::search_log))
        .route("/api/ops/builds/{build_id}/logs/marks", get(marks::log_marks))
}

/// Answers that go on for as long as the build and the client do: no limit on their time.
pub(crate) fn streams() -> Router<AppState> {
    Router::new()
        .route("/api/ops/builds/{build_id}/logs.txt", get(text::log_text))
        .route("/api/ops/builds/{build_id}/logs/stream", get(stream::stream_log))
}

/// Where the build stands and the number its next line will have; 404 unless `actor` may see it.
async fn visible_build(state: &AppState, actor: &Actor, build_id: Uuid) -> Result<(BuildState, i64), ApiError> {
    if !state.db.may_see_build(actor, build_id).await? {
        return Err(no_such_build(build_id));
    }
    state.db.build_state(build_id).await?.ok_or_else(|| no_such_build(build_id))
}

fn no_such_build(build_id: Uuid) -> ApiError {
    ApiError::not_found(format!("there is no build {build_id} that you may see"))
}

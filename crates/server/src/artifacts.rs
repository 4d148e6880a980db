//! Files that builds made.

mod download;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

pub(crate) use download::__path_download_artifact;

/// Downloads take as long as the client does: no limit on their time.
pub(crate) fn streams() -> Router<AppState> {
    Router::new().route("/api/ops/artifacts/{artifact_id}", get(download::download_artifact))
}

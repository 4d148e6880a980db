//! Branches: their stage, and what was built of them.

mod builds;
mod production;
mod stage;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

pub(crate) use builds::__path_list_branch_builds;
pub(crate) use production::__path_set_production;
pub(crate) use stage::__path_set_stage;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/branches/{branch_id}/stage", post(stage::set_stage))
        .route("/api/ops/branches/{branch_id}/production", post(production::set_production))
        .route("/api/ops/branches/{branch_id}/builds", get(builds::list_branch_builds))
}

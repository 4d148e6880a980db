//! Advisories: what is recommended for a project, and what people make of it.

mod dismiss;
mod list;
mod resolve;
mod snooze;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

pub(crate) use dismiss::__path_dismiss_advisory;
pub(crate) use list::__path_list_advisories;
pub(crate) use resolve::__path_resolve_advisory;
pub(crate) use snooze::__path_snooze_advisory;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/projects/{project_id}/advisories", get(list::list_advisories))
        .route("/api/ops/advisories/{advisory_id}/resolve", post(resolve::resolve_advisory))
        .route("/api/ops/advisories/{advisory_id}/snooze", post(snooze::snooze_advisory))
        .route("/api/ops/advisories/{advisory_id}/dismiss", post(dismiss::dismiss_advisory))
}

//! Projects: repositories, their branches and builds.

mod archive;
mod branches;
mod builds;
mod get;
mod list;
mod secrets;
mod sync;
mod trigger;

use axum::Router;
use axum::routing::{get, post, put};

use crate::state::AppState;

pub(crate) use archive::__path_archive_project;
pub(crate) use branches::__path_list_project_branches;
pub(crate) use builds::{__path_list_project_builds, BuildQuery};
pub(crate) use get::__path_get_project;
pub(crate) use list::__path_list_projects;
pub(crate) use secrets::{delete::__path_delete_secret, list::__path_list_secrets, put::__path_put_secret};
pub(crate) use sync::__path_sync_project;
pub(crate) use trigger::__path_trigger_project;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/projects", get(list::list_projects))
        .route("/api/ops/projects/{project_id}", get(get::get_project))
        .route("/api/ops/projects/{project_id}/sync", post(sync::sync_project))
        .route("/api/ops/projects/{project_id}/archive", post(archive::archive_project))
        .route("/api/ops/projects/{project_id}/trigger", post(trigger::trigger_project))
        .route("/api/ops/projects/{project_id}/branches", get(branches::list_project_branches))
        .route("/api/ops/projects/{project_id}/builds", get(builds::list_project_builds))
        .route("/api/ops/projects/{project_id}/secrets", get(secrets::list::list_secrets))
        .route(
            "/api/ops/projects/{project_id}/secrets/{name}",
            put(secrets::put::put_secret).delete(secrets::delete::delete_secret),
        )
}

/// 404 unless the caller may see the project: for lists, which would else just be empty.
pub(crate) async fn require_visible(
    state: &AppState,
    actor: &plimsoll_db::Actor,
    project_id: uuid::Uuid,
) -> Result<(), crate::ApiError> {
    if state.db.may_see_project(actor, project_id).await? {
        return Ok(());
    }
    Err(crate::ApiError::not_found(format!("there is no project {project_id} that you may see")))
}

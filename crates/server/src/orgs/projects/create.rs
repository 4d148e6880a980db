use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_core::repo_url::RepoUrl;
use plimsoll_db::projects::NewProject;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answers::Created;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectToAdd {
    name: String,
    /// `https://…`, `ssh://…`, `git@host:path`, or a path on the server's machine where it allows those.
    repo_url: String,
    /// Part of addresses; made from the name where left out.
    slug: Option<String>,
    /// The branch that is production; read from the repository where left out.
    default_branch: Option<String>,
}

/// Adds a repository as a project. Its branches are read right afterwards. Admins only.
#[utoipa::path(post, path = "/api/ops/orgs/{org_id}/projects", tag = "projects", request_body = ProjectToAdd,
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 201, description = "Added.", body = Created),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn create_project(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    Json(body): Json<ProjectToAdd>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let repository = RepoUrl::parse(&body.repo_url, state.config.repositories);
    repository.map_err(|error| ApiError::bad_request(format!("repo_url: {error}")))?;
    let new = NewProject {
        name: &body.name,
        repo_url: &body.repo_url,
        slug: body.slug.as_deref(),
        default_branch: body.default_branch.as_deref(),
    };
    let id = state.db.create_project(&actor, org_id, &new).await?;
    state.wake.sync.notify_one();
    Ok((StatusCode::CREATED, Json(Created { id })))
}

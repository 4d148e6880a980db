use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use plimsoll_db::queue::{Idempotency, NewBuild, Triggered};
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Body, Caller, Json, Path, body_required};
use crate::functions::idempotency_key;
use crate::state::AppState;

/// Which build goes first within a stage: the middle, where nobody says otherwise.
const PRIORITY: i32 = 5;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerRequest {
    branch_id: Uuid,
    /// A full commit id; the branch's newest where left out.
    commit_sha: Option<String>,
    /// `target` (`build`, `deploy`, `promote`), `env` (`dev`, `stage`, `prod`), `force`.
    #[schema(value_type = Option<Object>)]
    params: Option<Value>,
    /// 1 (first) to 10; 5 where left out.
    priority: Option<i32>,
}

/// Queues a build. With an `Idempotency-Key`, the same request again answers the first result.
#[utoipa::path(post, path = "/api/ops/projects/{project_id}/trigger", tag = "builds", request_body = TriggerRequest,
    params(("project_id" = Uuid, Path, description = "The project."),
           ("Idempotency-Key" = Option<String>, Header, description = "Any text that names this one request.")),
    responses((status = 201, description = "Queued: build_id, status, queue_id, queue_key, created_at, build_number.", body = Object),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn trigger_project(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<(StatusCode, Json<Triggered>), ApiError> {
    if body.is_empty() {
        return Err(body_required());
    }
    let request: TriggerRequest = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("the body is not the JSON we expect: {error}")))?;
    let key = idempotency_key(&headers)?;
    let hash = digest(&SHA256, &[project_id.as_bytes().as_slice(), &body].concat());
    let build = NewBuild {
        commit_sha: request.commit_sha,
        params: request.params.unwrap_or_else(|| json!({})),
        priority: request.priority.unwrap_or(PRIORITY),
        ..NewBuild::manual(project_id, request.branch_id)
    };
    let idempotency = key.as_deref().map(|key| Idempotency { key, request_hash: hash.as_ref() });
    let queued = state.db.trigger_build(&actor, &build, idempotency).await?;
    state.wake.queue_changed();
    state.events.changed();
    Ok((StatusCode::CREATED, Json(queued)))
}

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::seal::project_secret_owner;
use crate::state::AppState;

/// Shorter ones cannot be masked in logs without masking everything else too.
const MIN_BYTES: usize = 4;
const MAX_BYTES: usize = 64 * 1024;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretValue {
    /// 4 bytes to 64 KiB.
    value: String,
}

/// Sets a build secret: steps see it in their environment, logs show it masked. Admins only.
#[utoipa::path(put, path = "/api/ops/projects/{project_id}/secrets/{name}", tag = "secrets", request_body = SecretValue,
    params(("project_id" = Uuid, Path, description = "The project."),
           ("name" = String, Path, description = "As in the environment: capitals, digits, underscores.")),
    responses((status = 204, description = "Set."),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn put_secret(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((project_id, name)): Path<(Uuid, String)>,
    Json(body): Json<SecretValue>,
) -> Result<StatusCode, ApiError> {
    let length = body.value.len();
    if !(MIN_BYTES..=MAX_BYTES).contains(&length) {
        return Err(ApiError::bad_request(format!(
            "the value has {length} bytes: a secret has {MIN_BYTES} to {MAX_BYTES} (shorter ones could not be masked in logs)"
        )));
    }
    let sealed = state.keys.seal(&project_secret_owner(project_id, &name), body.value.as_bytes());
    state.db.set_project_secret(&actor, project_id, &name, &sealed).await?;
    Ok(StatusCode::NO_CONTENT)
}

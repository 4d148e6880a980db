use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::rotate::refusal;
use super::{JWT_SECRET, PREVIOUS_JWT_SECRET, operator_only};
use crate::error::ApiError;
use crate::extract::{Caller, Path, Query};
use crate::state::AppState;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Revocation {
    /// Ends the key in use too: a new one takes its place, and who carries the old one is refused within seconds.
    #[serde(default)]
    force: bool,
}

/// Ends a key within seconds, on every replica. The one in use is refused unless `force`. Service key only.
#[utoipa::path(delete, path = "/api/ops/keys/{key_id}", tag = "keys",
    params(("key_id" = String, Path, description = "Its id, as listed."), Revocation),
    responses((status = 204, description = "Ended."),
              (status = 400, description = "`force` is not true or false.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "Not the service key.", body = crate::ErrorBody),
              (status = 404, description = "No such key is good.", body = crate::ErrorBody),
              (status = 409, description = "The key came with the server's settings, or is in use and `force` was not given, or is the JWT secret in use.", body = crate::ErrorBody)))]
pub(crate) async fn revoke_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(key_id): Path<String>,
    Query(Revocation { force }): Query<Revocation>,
) -> Result<StatusCode, ApiError> {
    operator_only(&actor)?;
    let unknown = || ApiError::not_found("there is no such key that is good: `plimsoll keys` lists them");
    match key_id.as_str() {
        JWT_SECRET => {
            return Err(ApiError::conflict(
                "the JWT secret in use is changed, not ended: rotate it, then end jwt-secret.previous",
            ));
        }
        PREVIOUS_JWT_SECRET => {
            if state.keys.previous_jwt_secret().is_none() {
                return Err(unknown());
            }
            let keys = state.keys.clone();
            let revoked = tokio::task::spawn_blocking(move || keys.revoke_previous_jwt_secret()).await;
            revoked.map_err(ApiError::internal)?.map_err(refusal)?;
        }
        id => {
            let id: Uuid = id.parse().map_err(|_| unknown())?;
            let key = state.keyring.find(id).await?.ok_or_else(unknown)?;
            if key.superseded_at.is_none() && !force {
                return Err(ApiError::conflict(format!(
                    "this {} key is in use: rotate it first, or add --force (force=true) to end it at once",
                    key.kind
                )));
            }
            if !state.keyring.revoke(id).await? {
                return Err(unknown());
            }
        }
    }
    tracing::info!(key.id = key_id, "a key was revoked");
    Ok(StatusCode::NO_CONTENT)
}

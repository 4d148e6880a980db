use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{JWT_SECRET, KeyShown, operator_only};
use crate::auth::function_tokens::FunctionToken;
use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::keyring::KeyKind;
use crate::keys::KeysError;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyToChange {
    /// `publishable`, `secret`, `ingest`, `advisory`, `signing` or `jwt-secret`.
    kind: String,
}

/// Puts a new key in use. The one so far stays good until the next change, so that clients can follow. Service key only.
#[utoipa::path(post, path = "/api/ops/keys", tag = "keys", request_body = KeyToChange,
    responses((status = 201, description = "The new key.", body = KeyShown),
              (status = 400, description = "There is no such kind of key.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "Not the service key.", body = crate::ErrorBody),
              (status = 409, description = "The key came with the server's settings and is changed there.", body = crate::ErrorBody)))]
pub(crate) async fn rotate_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Json(KeyToChange { kind }): Json<KeyToChange>,
) -> Result<(StatusCode, Json<KeyShown>), ApiError> {
    operator_only(&actor)?;
    if kind == JWT_SECRET {
        let keys = state.keys.clone();
        let rotated = tokio::task::spawn_blocking(move || keys.rotate_jwt_secret()).await;
        rotated.map_err(ApiError::internal)?.map_err(refusal)?;
        tracing::info!(key.kind = JWT_SECRET, "a new key is in use");
        let made = KeyShown::outside(JWT_SECRET.to_owned(), JWT_SECRET, None, true, true);
        return Ok((StatusCode::CREATED, Json(made)));
    }
    let kind = KeyKind::named(&kind).ok_or_else(|| {
        let kinds: Vec<_> = KeyKind::ALL.iter().map(|kind| kind.as_str()).collect();
        ApiError::bad_request(format!("there is no key {kind:?}; there are {} and {JWT_SECRET}", kinds.join(", ")))
    })?;
    for endpoint in [FunctionToken::Ingest, FunctionToken::AdvisoryScan] {
        if endpoint.key_kind() == kind && !state.keys.brought_tokens(endpoint).is_empty() {
            return Err(ApiError::conflict(format!(
                "{} came with the server's settings: put a new token before it there, and start again",
                endpoint.setting()
            )));
        }
    }
    let made = state.keyring.rotate(kind).await?;
    tracing::info!(key.kind = kind.as_str(), key.id = %made.id, "a new key is in use");
    Ok((StatusCode::CREATED, Json(KeyShown::of(&state, &made))))
}

/// What a secret that cannot be changed here answers.
pub(super) fn refusal(error: KeysError) -> ApiError {
    match error {
        KeysError::Given => ApiError::conflict(error.to_string()),
        other => ApiError::internal(other),
    }
}

use axum::extract::State;

use super::{JWT_SECRET, KeyShown, PREVIOUS_JWT_SECRET, operator_only};
use crate::auth::function_tokens::FunctionToken;
use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;

/// The server's own keys that are good, two of a kind at most. Service key only.
#[utoipa::path(get, path = "/api/ops/keys", tag = "keys",
    responses((status = 200, description = "By kind, the one in use first.", body = [KeyShown]),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "Not the service key.", body = crate::ErrorBody)))]
pub(crate) async fn list_keys(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Vec<KeyShown>>, ApiError> {
    operator_only(&actor)?;
    let mut shown: Vec<_> = state.keyring.list().await?.iter().map(|row| KeyShown::of(&state, row)).collect();
    for endpoint in [FunctionToken::Ingest, FunctionToken::AdvisoryScan] {
        let brought = state.keys.brought_tokens(endpoint);
        if brought.is_empty() {
            continue;
        }
        let kind = endpoint.key_kind().as_str();
        shown.retain(|key| key.kind != kind);
        shown.extend(brought.iter().enumerate().map(|(at, token)| {
            KeyShown::outside(format!("{kind}.{}", at + 1), kind, Some(token.clone()), at == 0, false)
        }));
    }
    let managed = state.keys.keeps_jwt_secret();
    shown.push(KeyShown::outside(JWT_SECRET.to_owned(), JWT_SECRET, None, true, managed));
    if state.keys.previous_jwt_secret().is_some() {
        shown.push(KeyShown::outside(PREVIOUS_JWT_SECRET.to_owned(), JWT_SECRET, None, false, managed));
    }
    Ok(Json(shown))
}

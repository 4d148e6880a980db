use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// What our access tokens are checked with.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeySet {
    /// JSON Web Keys (RFC 7517): the one that signs, and the one before it.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<Value>,
}

/// The public keys that access tokens of this server are checked with.
#[utoipa::path(get, path = "/auth/v1/.well-known/jwks.json", tag = "sign-in", security(()),
    responses((status = 200, description = "The keys.", body = KeySet)))]
pub(crate) async fn auth_jwks(
    State(state): State<AppState>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<KeySet>), ApiError> {
    let keys = state.keyring.keys().await?.public_jwks().into_iter().cloned().collect();
    // Whoever meets a key that is not in here asks again, so this may be kept for a while.
    Ok(([(CACHE_CONTROL, HeaderValue::from_static("public, max-age=600"))], Json(KeySet { keys })))
}

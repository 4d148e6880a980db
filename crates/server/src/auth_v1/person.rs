//! People, as the clients of Supabase Auth know them, and which of them asks.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jiff::Timestamp;
use plimsoll_db::Actor;
use plimsoll_db::registry::AuthUser;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answers::User;
use super::refusal;
use crate::error::ApiError;
use crate::state::AppState;

/// What a person says about themselves travels in every access token, and those in a header.
const MAX_METADATA_BYTES: usize = 4 * 1024;

/// Whoever bears a person's token whose session is not over.
pub(super) struct Person {
    pub(super) user: AuthUser,
    pub(super) session: Option<LiveSession>,
}

/// The session a token names. Tokens of other issuers name none.
pub(super) struct LiveSession {
    pub(super) id: Uuid,
    pub(super) signed_in_at: Timestamp,
}

impl FromRequestParts<AppState> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Err(refusal::no_authorization());
        }
        let Some(Actor::User { user_id, claims: Some(claims) }) = parts.extensions.get::<Actor>() else {
            return Err(refusal::not_a_person());
        };
        let session = match &claims["session_id"] {
            Value::Null => None,
            named => {
                let id: Uuid = named.as_str().and_then(|id| id.parse().ok()).ok_or_else(refusal::session_not_found)?;
                let signed_in_at = state.db.auth_session(id, *user_id).await?;
                Some(LiveSession { id, signed_in_at: signed_in_at.ok_or_else(refusal::session_not_found)? })
            }
        };
        let user = state.db.auth_user(*user_id).await?.ok_or_else(refusal::user_not_found)?;
        Ok(Self { user, session })
    }
}

pub(super) fn app_metadata(user: &AuthUser) -> Map<String, Value> {
    let mut metadata = Map::from_iter([("provider".into(), json!("email")), ("providers".into(), json!(["email"]))]);
    metadata.extend(user.app_metadata.as_object().cloned().unwrap_or_default());
    metadata
}

pub(super) fn user_metadata(user: &AuthUser) -> Value {
    if user.user_metadata.is_object() { user.user_metadata.clone() } else { json!({}) }
}

pub(super) fn show(user: &AuthUser) -> User {
    let email = user.email.clone().unwrap_or_default();
    let identity = json!({
        "identity_id": user.id, "id": user.id, "user_id": user.id, "provider": "email", "email": email,
        "identity_data": {"sub": user.id, "email": email, "email_verified": true, "phone_verified": false},
        "last_sign_in_at": user.last_sign_in_at, "created_at": user.created_at, "updated_at": user.updated_at,
    });
    User {
        id: user.id,
        aud: "authenticated",
        role: "authenticated",
        // Whoever is here was invited by this address.
        email_confirmed_at: user.created_at,
        confirmed_at: user.created_at,
        email,
        phone: "",
        last_sign_in_at: user.last_sign_in_at,
        app_metadata: app_metadata(user),
        user_metadata: user_metadata(user),
        identities: vec![identity],
        created_at: user.created_at,
        updated_at: user.updated_at,
        is_anonymous: false,
    }
}

/// Whether what a person says about themselves stays within its limit with `data` merged in.
pub(super) fn check_size(present: &Value, data: &Map<String, Value>) -> Result<(), ApiError> {
    let added: usize = data.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
    if present.to_string().len() + added > MAX_METADATA_BYTES {
        return Err(refusal::validation_failed(format!("data is over the limit of {MAX_METADATA_BYTES} bytes")));
    }
    Ok(())
}

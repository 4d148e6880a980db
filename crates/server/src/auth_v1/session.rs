//! Sessions of API clients: an access token for an hour, and a refresh token for the next one.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use jiff::Timestamp;
use plimsoll_db::registry::{AuthSession, AuthUser, Refresh};
use serde_json::json;
use uuid::Uuid;

use super::answers::Session;
use super::{person, refusal};
use crate::error::ApiError;
use crate::links;
use crate::state::AppState;
use crate::tokens::{self, Kind};

const ACCESS_TOKEN_SECONDS: i64 = 3600;

/// How a person proved who they are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    Password,
    /// A one-time link.
    Link,
}

/// Signs a person in.
pub(super) async fn start(
    state: &AppState,
    headers: &HeaderMap,
    user_id: Uuid,
    method: Method,
) -> Result<Session, ApiError> {
    let refresh_token = tokens::generate(Kind::Refresh);
    let now = Timestamp::now();
    let method = match method {
        Method::Password => "password",
        Method::Link => "otp",
    };
    let session = AuthSession { id: Uuid::new_v4(), user_id, method: method.to_owned(), signed_in_at: now };
    let user_agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let expires_at = now + state.config.session_lifetime;
    state.db.start_auth_session(&session, user_agent, &tokens::hash(&refresh_token), expires_at).await?;
    answer(state, headers, &session, refresh_token, now).await
}

/// Goes on with a session: the refresh token is used up, and the one that follows it is in the answer. A client that asks
/// twice at once gets the same twice.
pub(super) async fn refresh(state: &AppState, headers: &HeaderMap, token: &str) -> Result<Session, ApiError> {
    if !tokens::is_well_formed(Kind::Refresh, token) {
        return Err(refusal::refresh_token_not_found());
    }
    let next = tokens::derive(Kind::Refresh, &state.keys.refresh_key(), token);
    let now = Timestamp::now();
    let expires_at = now + state.config.session_lifetime;
    match state.db.use_refresh_token(&tokens::hash(token), &tokens::hash(&next), expires_at).await? {
        Refresh::Refreshed(session) => answer(state, headers, &session, next, now).await,
        Refresh::Reused => {
            tracing::warn!("a refresh token came back after its use: its session was ended");
            Err(refusal::refresh_token_already_used())
        }
        Refresh::Unknown => Err(refusal::refresh_token_not_found()),
    }
}

async fn answer(
    state: &AppState,
    headers: &HeaderMap,
    session: &AuthSession,
    refresh_token: String,
    now: Timestamp,
) -> Result<Session, ApiError> {
    let user = state.db.auth_user(session.user_id).await?.ok_or_else(refusal::user_not_found)?;
    let expires_at = now.as_second() + ACCESS_TOKEN_SECONDS;
    Ok(Session {
        access_token: access_token(state, headers, session, &user, now, expires_at).await?,
        token_type: "bearer",
        expires_in: ACCESS_TOKEN_SECONDS,
        expires_at,
        refresh_token,
        user: person::show(&user),
    })
}

async fn access_token(
    state: &AppState,
    headers: &HeaderMap,
    session: &AuthSession,
    user: &AuthUser,
    now: Timestamp,
    expires_at: i64,
) -> Result<String, ApiError> {
    let claims = json!({
        "iss": links::issuer(&state.config, headers),
        "sub": user.id,
        "aud": "authenticated",
        "exp": expires_at,
        "iat": now.as_second(),
        "email": user.email,
        "phone": "",
        "app_metadata": person::app_metadata(user),
        "user_metadata": person::user_metadata(user),
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": session.method, "timestamp": session.signed_in_at.as_second()}],
        "session_id": session.id,
        "is_anonymous": false,
    });
    state.keyring.keys().await?.signing()?.sign(&claims)
}

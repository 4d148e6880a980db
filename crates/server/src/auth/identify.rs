//! Credentials of a request, and whom they prove.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jiff::Timestamp;
use plimsoll_db::Actor;

use crate::auth::{cookies, jwt};
use crate::error::ApiError;
use crate::state::AppState;
use crate::tokens::{self, Kind};

/// What a request carries to prove who sent it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    None,
    /// A runner's or an attempt's token: the runner protocol checks it itself.
    RunnerProtocol(String),
    ApiToken(String),
    Jwt(String),
    Session(String),
}

impl Credential {
    /// `Authorization` decides where there is one, then `apikey`, then the session's cookie.
    pub(crate) fn of(state: &AppState, headers: &HeaderMap) -> Result<Self, ApiError> {
        if let Some(bearer) = bearer(headers)? {
            return Self::of_token(bearer);
        }
        if let Some(key) = headers.get("apikey") {
            let key = key.to_str().map_err(|_| ApiError::unauthorized("the apikey header is not a token"))?;
            return Self::of_token(key);
        }
        Ok(cookies::session_token(&state.config, headers).map_or(Self::None, Self::Session))
    }

    fn of_token(token: &str) -> Result<Self, ApiError> {
        let token = token.to_owned();
        if token.starts_with("plim_att_") || token.starts_with(Kind::Runner.prefix()) {
            Ok(Self::RunnerProtocol(token))
        } else if token.starts_with("plim_") {
            if tokens::is_well_formed(Kind::Api, &token) {
                Ok(Self::ApiToken(token))
            } else {
                Err(unknown_token("this is no API token of ours, or it was not copied whole"))
            }
        } else {
            Ok(Self::Jwt(token))
        }
    }
}

/// The token of an `Authorization: Bearer` header; 401 for another scheme.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| unknown_token("the Authorization header is not ASCII"))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(unknown_token("the Authorization header must be `Bearer` and a token")),
    }
}

/// Set where the request came with a good session's cookie: the hash of its token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionHash(pub(crate) [u8; 32]);

/// Whom the credential proves. A session that is over proves nobody; a token that is not good is refused.
pub(crate) async fn identify(
    state: &AppState,
    credential: &Credential,
) -> Result<(Actor, Option<SessionHash>), ApiError> {
    match credential {
        Credential::None | Credential::RunnerProtocol(_) => Ok((Actor::Anonymous, None)),
        Credential::Jwt(token) => Ok((jwt::verify(state.keys.jwt_secret(), token, Timestamp::now())?, None)),
        Credential::ApiToken(token) => {
            let known = state.db.authenticate_token(&tokens::hash(token)).await?;
            let token = known.ok_or_else(|| unknown_token("this API token is unknown, revoked or expired"))?;
            Ok((token.into(), None))
        }
        Credential::Session(token) => {
            let hash = tokens::hash(token);
            let user_id = if tokens::is_well_formed(Kind::Session, token) {
                state.db.authenticate_session(&hash).await?
            } else {
                None
            };
            Ok(user_id.map_or((Actor::Anonymous, None), |user_id| {
                (Actor::User { user_id, claims: None }, Some(SessionHash(hash)))
            }))
        }
    }
}

fn unknown_token(message: &str) -> ApiError {
    ApiError::unauthorized(message).with_code("unauthorized")
}

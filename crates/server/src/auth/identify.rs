//! Credentials of a request, and whom they prove.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use plimsoll_db::Actor;

use crate::auth::cookies;
use crate::auth::jwt::Fault;
use crate::error::ApiError;
use crate::keyring::KeyKind;
use crate::state::AppState;
use crate::surface::Surface;
use crate::tokens::{self, Kind};

/// What a request carries to prove who sent it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    None,
    /// A runner's or an attempt's token: the runner protocol checks it itself.
    RunnerProtocol(String),
    ApiToken(String),
    /// A key of the installation: publishable or secret.
    ServerKey(KeyKind, String),
    Jwt(String),
    Session(String),
}

impl Credential {
    /// Whom `Authorization` names, else, on our own surface, the session's cookie.
    fn of_caller(state: &AppState, surface: Surface, headers: &HeaderMap, has_key: bool) -> Result<Self, ApiError> {
        let bearer = match bearer(headers) {
            // PostgREST looks at bearers alone; another scheme is a proxy's.
            Err(_) if surface == Surface::Rest && !names_bearer(headers) => None,
            Err(_) if surface == Surface::Rest => return Err(Fault::decode(EMPTY_JWT).into()),
            found => found?,
        };
        if let Some(bearer) = bearer {
            return Self::of_token(bearer);
        }
        if has_key || surface.takes_any_origin() {
            return Ok(Self::None);
        }
        Ok(cookies::session_token(&state.config, headers).map_or(Self::None, Self::Session))
    }

    /// The `apikey` header: a key of the installation, a JWT or an API token.
    fn of_key(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(key) = headers.get("apikey") else { return Ok(None) };
        let key = key.to_str().ok().and_then(|key| Self::of_token(key).ok());
        match key {
            None | Some(Self::RunnerProtocol(_)) => Err(wrong_api_key()),
            key => Ok(key),
        }
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
        } else if token.starts_with("sb_") {
            let kind = [KeyKind::Publishable, KeyKind::Secret]
                .into_iter()
                .find(|kind| kind.token().is_some_and(|form| tokens::is_well_formed(form, &token)));
            kind.map(|kind| Self::ServerKey(kind, token)).ok_or_else(unknown_key)
        } else {
            Ok(Self::Jwt(token))
        }
    }
}

/// The credentials of one request.
#[derive(Debug)]
pub(crate) struct Carried {
    /// Decides who asks, where there is one.
    pub(crate) caller: Credential,
    /// Must be good whoever asks, as the gateway in front of Supabase has it; decides who asks where nothing else does.
    key: Option<Credential>,
    surface: Surface,
}

impl Carried {
    pub(crate) fn of(state: &AppState, surface: Surface, headers: &HeaderMap) -> Result<Self, ApiError> {
        // Beside a bearer our own surface does not look at it. Clients that nobody signed in to send the key in both headers:
        // at PostgREST's surface a JWT is then judged as a bearer, so that a token that is over is told so.
        let is_looked_at = match surface {
            Surface::Rest => !is_jwt_in_both(headers),
            _ => surface.takes_any_origin() || !headers.contains_key(AUTHORIZATION),
        };
        let key = if is_looked_at { Credential::of_key(headers)? } else { None };
        let caller = Credential::of_caller(state, surface, headers, key.is_some())?;
        Ok(Self { caller, key, surface })
    }

    /// Where it does not matter who asks.
    pub(crate) fn key_alone(surface: Surface, headers: &HeaderMap) -> Result<Self, ApiError> {
        Ok(Self { key: Credential::of_key(headers)?, ..Self::none(surface) })
    }

    pub(crate) const fn none(surface: Surface) -> Self {
        Self { caller: Credential::None, key: None, surface }
    }

    /// Whom they prove. A session that is over proves nobody; a token or a key that is not good is refused.
    pub(crate) async fn prove(&self, state: &AppState) -> Result<(Actor, Option<SessionHash>), ApiError> {
        let (actor, session) = self.proved(state).await?;
        // What a token of no person says is for policies, which only the gateway's callers write.
        Ok((if self.surface == Surface::Rest { actor } else { actor.plain() }, session))
    }

    async fn proved(&self, state: &AppState) -> Result<(Actor, Option<SessionHash>), ApiError> {
        let Some(key) = &self.key else { return identify(state, &self.caller).await };
        let refused =
            |error: ApiError| if error.status() == StatusCode::UNAUTHORIZED { wrong_api_key() } else { error };
        let proved = identify(state, key).await.map_err(refused)?;
        if self.caller == Credential::None || self.caller == *key {
            return Ok(proved);
        }
        identify(state, &self.caller).await
    }
}

/// The word for an `apikey` that is not good.
pub(crate) const INVALID_API_KEY: &str = "invalid_api_key";
const KEY_HINT: &str = "Double check your API key: `plimsoll status` prints those that are good";
const EMPTY_JWT: &str = "Empty JWT is sent in Authorization header";

/// Whether the header names the scheme, be there a token after it or not.
fn names_bearer(headers: &HeaderMap) -> bool {
    let scheme = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().get(..6));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
}

/// Whether `apikey` and bearer are the same JWT.
fn is_jwt_in_both(headers: &HeaderMap) -> bool {
    let Some(key) = headers.get("apikey").and_then(|key| key.to_str().ok()) else { return false };
    let is_jwt = || matches!(Credential::of_token(key), Ok(Credential::Jwt(_)));
    bearer(headers).ok().flatten() == Some(key) && is_jwt()
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

async fn identify(state: &AppState, credential: &Credential) -> Result<(Actor, Option<SessionHash>), ApiError> {
    match credential {
        Credential::None | Credential::RunnerProtocol(_) => Ok((Actor::Anonymous, None)),
        Credential::Jwt(token) => Ok((state.verifier.verify(token, Timestamp::now()).await?, None)),
        Credential::ServerKey(kind, token) => {
            if !state.keyring.knows(*kind, token).await? {
                return Err(unknown_key());
            }
            Ok((if *kind == KeyKind::Secret { Actor::Service } else { Actor::Anonymous }, None))
        }
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

fn unknown_token(message: &'static str) -> ApiError {
    let mut error = ApiError::unauthorized(message).with_code("unauthorized");
    error.fault = Some(Box::new(Fault::decode(message)));
    error
}

fn unknown_key() -> ApiError {
    let mut error = unknown_token("Invalid API key");
    if let Some(fault) = &mut error.fault {
        fault.hint = Some(KEY_HINT);
    }
    error
}

/// An `apikey` that is not good, however it looks.
fn wrong_api_key() -> ApiError {
    let mut error = unknown_key().with_code(INVALID_API_KEY);
    error.message = format!("Invalid API key. {KEY_HINT}");
    error
}

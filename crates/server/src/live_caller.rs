//! The caller of a stream, who may lose the right to it while it is open.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use plimsoll_db::Actor;

use crate::auth::identify::Carried;
use crate::error::ApiError;
use crate::extract::Caller;
use crate::state::AppState;
use crate::surface::Surface;

/// A [`Caller`] whose credential can be asked again: a session may end, a token be revoked or expire.
pub(crate) struct LiveCaller {
    state: AppState,
    carried: Carried,
    actor: Actor,
}

impl FromRequestParts<AppState> for LiveCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Caller(actor) = Caller::from_request_parts(parts, state).await?;
        let carried = Carried::of(state, Surface::Ours, &parts.headers)?;
        Ok(Self { state: state.clone(), carried, actor })
    }
}

impl LiveCaller {
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether the credential still proves somebody. A database that does not answer takes nobody's right away: what
    /// streams show comes from it anyway.
    pub(crate) async fn is_good(&mut self) -> bool {
        match self.carried.prove(&self.state).await {
            Ok((Actor::Anonymous, _)) => false,
            Ok((actor, _)) => {
                self.actor = actor;
                true
            }
            Err(error) => error.status() != StatusCode::UNAUTHORIZED,
        }
    }
}

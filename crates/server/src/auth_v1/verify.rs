use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{Refusals, Session};
use super::body::Body;
use super::refusal;
use super::session::{self, Method};
use crate::auth::middleware::ClientAddress;
use crate::auth::sign_in_limit::SignInTry;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;
use crate::tokens::{self, Kind};

#[derive(Deserialize, ToSchema)]
pub(crate) struct Verification {
    /// `invite`, `magiclink` or `email`: all mean a one-time link.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The token in the link.
    token_hash: Option<String>,
    token: Option<String>,
}

/// Signs in by a one-time link, an invitation's among them.
#[utoipa::path(post, path = "/auth/v1/verify", tag = "sign-in", security(()), request_body = Verification,
    responses((status = 200, description = "Signed in.", body = Session), Refusals))]
pub(crate) async fn auth_verify(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    Body(body): Body<Verification>,
) -> Result<Json<Session>, ApiError> {
    match body.kind.as_deref() {
        Some("invite" | "magiclink" | "email") => {}
        None | Some("") => return Err(refusal::validation_failed("Verify requires a verification type")),
        Some(_) => return Err(refusal::validation_failed("Unsupported verification type")),
    }
    let token = body.token_hash.or(body.token).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| refusal::validation_failed("Verify requires a token or a token hash"))?;
    let attempt = SignInTry::from_address(&state, address)?;
    let known = if tokens::is_well_formed(Kind::Link, &token) {
        state.db.use_signin_link(&tokens::hash(&token)).await.map_err(ApiError::from)
    } else {
        Ok(None)
    };
    let user_id = attempt.ended(known.and_then(|known| known.ok_or_else(refusal::link_is_over)))?;
    Ok(Json(session::start(&state, &headers, user_id, Method::Link).await?))
}

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::answers::{Refusals, Session};
use super::body::Body;
use super::refusal;
use super::session::{self, Method};
use crate::account::person_with;
use crate::auth::middleware::ClientAddress;
use crate::auth::sign_in_limit::SignInTry;
use crate::error::ApiError;
use crate::extract::{Json, Query};
use crate::state::AppState;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Grant {
    /// `password` or `refresh_token`.
    grant_type: Option<String>,
}

/// What proves who signs in: the fields that the grant wants.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Proof {
    email: Option<String>,
    password: Option<String>,
    refresh_token: Option<String>,
    /// There is no signing in by telephone.
    phone: Option<String>,
}

/// Signs a person in with address and password, or goes on with a session by its refresh token.
#[utoipa::path(post, path = "/auth/v1/token", tag = "sign-in", security(()), params(Grant), request_body = Proof,
    responses((status = 200, description = "Signed in.", body = Session), Refusals))]
pub(crate) async fn auth_token(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Query(Grant { grant_type }): Query<Grant>,
    headers: HeaderMap,
    Body(proof): Body<Proof>,
) -> Result<Json<Session>, ApiError> {
    match grant_type.as_deref() {
        Some("password") => {
            if proof.phone.is_some_and(|phone| !phone.is_empty()) {
                return Err(refusal::phone_disabled());
            }
            let email = proof.email.filter(|email| !email.is_empty());
            let email = email.ok_or_else(|| refusal::validation_failed("missing email or phone"))?;
            let mut attempt = SignInTry::from_address(&state, address)?;
            let password = proof.password.unwrap_or_default();
            let known = person_with(&state, &email, password, &mut attempt).await;
            let user_id = attempt.ended(known.and_then(|known| known.ok_or_else(refusal::invalid_credentials)))?;
            Ok(Json(session::start(&state, &headers, user_id, Method::Password).await?))
        }
        Some("refresh_token") => {
            let token = proof.refresh_token.filter(|token| !token.is_empty());
            let token = token.ok_or_else(|| refusal::validation_failed("refresh_token required"))?;
            Ok(Json(session::refresh(&state, &headers, &token).await?))
        }
        _ => Err(refusal::unsupported_grant_type()),
    }
}

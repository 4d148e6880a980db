//! `/auth/v1`: signing in with the shapes of Supabase Auth, so that its clients sign people in here as they do there.
//! Where `auth.users` is Supabase's own, so is signing in.

mod answers;
mod body;
mod health;
mod jwks;
mod logout;
mod person;
mod refusal;
mod session;
mod settings;
mod signup;
mod token;
mod user;
mod verify;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::error::ApiError;
use crate::state::AppState;

pub(crate) use answers::AuthError;
pub(crate) use health::__path_auth_health;
pub(crate) use jwks::__path_auth_jwks;
pub(crate) use logout::__path_auth_logout;
pub(crate) use settings::__path_auth_settings;
pub(crate) use signup::__path_auth_signup;
pub(crate) use token::__path_auth_token;
pub(crate) use user::{__path_auth_update_user, __path_auth_user};
pub(crate) use verify::__path_auth_verify;

/// Paths that say something about who asks; the others ignore the keys that clients send along.
pub(crate) const WITH_CREDENTIALS: &[&str] = &["/auth/v1/user", "/auth/v1/logout"];

const BODY_BYTES: usize = 64 * 1024;

pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let signing_in = Router::new()
        .route("/auth/v1/token", post(token::auth_token))
        .route("/auth/v1/user", get(user::auth_user).put(user::auth_update_user))
        .route("/auth/v1/logout", post(logout::auth_logout))
        .route("/auth/v1/signup", post(signup::auth_signup))
        .route("/auth/v1/verify", post(verify::auth_verify))
        .route("/auth/v1/settings", get(settings::auth_settings))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), only_where_it_is_ours));
    Router::new()
        .route("/auth/v1/health", get(health::auth_health))
        .route("/auth/v1/.well-known/jwks.json", get(jwks::auth_jwks))
        .merge(signing_in)
}

async fn only_where_it_is_ours(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let ours = state.auth_is_ours.get_or_try_init(|| state.db.auth_is_ours()).await?;
    if *ours {
        return Ok(next.run(request).await);
    }
    Err(ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        "people of this database sign in with Supabase: use the URL of the Supabase project for /auth/v1",
    ))
}

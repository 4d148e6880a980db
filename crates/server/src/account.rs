//! Signing in and out, and what the caller's own account is.

mod me;
mod password;
mod sign_in;
mod sign_out;

use axum::Router;
use axum::routing::{get, post, put};

use crate::state::AppState;

pub(crate) use me::__path_me;
pub(crate) use password::__path_set_password;
pub(crate) use sign_in::{__path_sign_in, person_with, sign_in};
pub(crate) use sign_out::__path_sign_out;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/me", get(me::me))
        .route("/api/ops/password", put(password::set_password))
        .route("/signout", post(sign_out::sign_out))
}

//! axum: console API, webhooks, runner protocol, live streams.
//!
//! The server checks who is asking and puts a [`plimsoll_db::Actor`] in the request's extensions; every statement then
//! runs for that actor, and the database decides what it sees. Pages come from the console as a router of their own.

mod auth;
mod envelope;
mod error;
mod extract;
mod health;
mod keys;
mod seal;
pub mod serve;
mod state;
pub mod tokens;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use tower_http::catch_panic::CatchPanicLayer;

pub use envelope::RequestId;
pub use error::{ApiError, ErrorBody};
pub use keys::{Keys, KeysError};
pub use seal::{SealError, project_secret_owner, webhook_owner};
pub use state::{AppState, Rates, ServerConfig, Wake};

/// The whole HTTP surface: our endpoints, and `pages` for every other path, all behind the same checks.
pub fn app(state: AppState, pages: Router) -> Router {
    let timed = Router::new()
        .merge(health::router())
        .layer(from_fn_with_state(state.clone(), envelope::time_limit));
    // Streams, long polls and uploads may take their time.
    let untimed = Router::new();
    let unknown = Router::new()
        .route("/api/{*rest}", any(error::unknown_path))
        .route("/functions/{*rest}", any(error::unknown_path))
        .route("/runner/{*rest}", any(error::unknown_path))
        .route("/webhooks/{*rest}", any(error::unknown_path));
    Router::new()
        .merge(timed)
        .merge(untimed)
        .merge(unknown)
        .fallback_service(pages)
        .layer(DefaultBodyLimit::max(state.config.body_limit_bytes))
        .layer(from_fn_with_state(state.clone(), auth::middleware::authenticate))
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(from_fn(envelope::envelope))
        .with_state(state)
}

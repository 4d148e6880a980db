//! axum: console API, webhooks, runner protocol, live streams.
//!
//! The server checks who is asking and puts a [`plimsoll_db::Actor`] in the request's extensions; every statement then
//! runs for that actor, and the database decides what it sees. Pages come from the console as a router of their own.

mod absent;
mod account;
mod advisories;
mod answers;
mod artifacts;
mod attempt_token;
mod auth;
mod auth_v1;
mod branches;
mod builds;
mod envelope;
mod error;
mod error_shape;
mod events;
mod extract;
mod first_line;
mod functions;
mod health;
mod keyring;
mod keys;
mod links;
mod live_caller;
pub mod log_hub;
mod openapi;
mod orgs;
mod projects;
mod runners;
mod seal;
pub mod serve;
mod server_keys;
mod sse;
mod state;
mod surface;
mod times;
pub mod tokens;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};

pub use auth::rate_limit::Rate;
pub use envelope::RequestId;
pub use error::{ApiError, ErrorBody};
pub use events::EventHub;
pub use keys::{Keys, KeysError};
pub use openapi::document as openapi_document;
pub use seal::{SealError, project_secret_owner, webhook_owner};
pub use state::{AppState, DescribeGateway, Rates, ServerConfig, Wake};

/// The whole HTTP surface: our endpoints, the `gateway` at `/rest/v1`, and `pages` for every other path, all behind the
/// same checks.
pub fn app(state: AppState, pages: Router, gateway: Router) -> Router {
    let timed = Router::new()
        .merge(health::router())
        .merge(openapi::router())
        .merge(account::router())
        .merge(auth_v1::router(&state))
        .merge(server_keys::router())
        .merge(advisories::router())
        .merge(orgs::router())
        .merge(projects::router())
        .merge(branches::router())
        .merge(builds::router())
        .merge(functions::router())
        .merge(runners::router())
        .merge(webhooks::router())
        .layer(from_fn_with_state(state.clone(), envelope::time_limit))
        .layer(compression());
    // Streams, long polls and uploads may take their time.
    let untimed = Router::new()
        .merge(artifacts::streams())
        .merge(builds::logs::streams())
        .merge(events::streams())
        .merge(runners::streams());
    let gateway = gateway.layer(from_fn_with_state(state.clone(), envelope::time_limit)).layer(compression());
    let pages = pages.layer(from_fn_with_state(state.clone(), envelope::time_limit)).layer(compression());
    let unknown = Router::new()
        .route("/api/{*rest}", any(error::unknown_path))
        .route("/auth/{*rest}", any(error::unknown_path))
        .route("/functions/{*rest}", any(error::unknown_path))
        .route("/runner/{*rest}", any(error::unknown_path))
        .route("/webhooks/{*rest}", any(error::unknown_path));
    Router::new()
        .merge(timed)
        .merge(untimed)
        .merge(absent::router())
        .merge(unknown)
        .nest_service("/rest/v1", gateway)
        // The page at the same path is the console's.
        .route("/signin", post(account::sign_in).fallback_service(pages.clone()))
        .fallback_service(pages)
        .layer(DefaultBodyLimit::max(state.config.body_limit_bytes))
        .layer(from_fn_with_state(state.clone(), auth::middleware::authenticate))
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(from_fn(envelope::envelope))
        .with_state(state)
}

/// For answers that are made whole; a stream's lines must leave at once.
fn compression() -> CompressionLayer {
    CompressionLayer::new().quality(CompressionLevel::Fastest)
}

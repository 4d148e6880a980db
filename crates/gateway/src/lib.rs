//! The Supabase-compatible surface: `/rest/v1` as PostgREST 14 answers it.
//!
//! A request is read into a [`plimsoll_db::rest::plan`], with every name looked up in the catalogue; the database crate
//! renders and runs it; the outcome becomes status, headers and body. Who is asking was decided before: the server puts
//! a [`plimsoll_db::Actor`] in the request's extensions.

use axum::Router;
use plimsoll_db::Db;

/// What the gateway needs, and how it behaves.
#[derive(Clone)]
pub struct GatewayState {
    pub db: Db,
    pub config: GatewayConfig,
}

#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Exposed schemas, the default first.
    pub schemas: Vec<String>,
    /// Most rows an answer may have; `None` for no limit.
    pub max_rows: Option<i64>,
    /// Largest request body.
    pub body_limit_bytes: usize,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            schemas: ["ops", "metrics", "public"].map(str::to_owned).to_vec(),
            max_rows: None,
            body_limit_bytes: 16 * 1024 * 1024,
        }
    }
}

/// `/rest/v1/…`. Expects a [`plimsoll_db::Actor`] in the request's extensions.
pub fn router(state: GatewayState) -> Router {
    let _ = state;
    Router::new()
}

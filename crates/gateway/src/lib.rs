//! The Supabase-compatible surface: `/rest/v1` as PostgREST 14 answers it.
//!
//! A request is read into a [`plimsoll_db::rest::plan`], with every name looked up in the catalogue; the database crate
//! renders and runs it; the outcome becomes status, headers and body. Who is asking was decided before: the server puts
//! a [`plimsoll_db::Actor`] in the request's extensions.

mod answer;
mod body;
mod cache;
mod cors;
mod database_error;
mod error;
mod media;
mod nearest;
mod openapi;
mod preferences;
mod query;
mod range;
mod request;
mod resolve;
mod respond;
mod shares;

use std::sync::Arc;

use axum::Router;
use plimsoll_db::Db;

use crate::answer::{Shared, handle};
use crate::cache::CatalogueCache;
pub use crate::openapi::Description;
use crate::shares::Shares;

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
    /// How many statements one caller may run at a time; what is beyond waits. The service has no limit.
    pub statements_per_caller: usize,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            schemas: ["ops", "metrics", "public"].map(str::to_owned).to_vec(),
            max_rows: None,
            body_limit_bytes: 16 * 1024 * 1024,
            statements_per_caller: 8,
        }
    }
}

/// The gateway: what answers requests, and what describes it.
pub struct Gateway {
    /// `/rest/v1/…`. Expects a [`plimsoll_db::Actor`] in the request's extensions.
    pub router: Router,
    pub description: Description,
}

impl Gateway {
    pub fn new(state: GatewayState) -> Self {
        let cache = CatalogueCache::new(state.db.clone(), state.config.schemas.clone());
        let shares = Shares::new(state.config.statements_per_caller);
        let shared = Arc::new(Shared { db: state.db, config: state.config, cache, shares });
        let description = Description::new(Arc::clone(&shared));
        Self { router: Router::new().fallback(handle).with_state(shared), description }
    }
}

/// The router of a [`Gateway`] that nothing describes.
pub fn router(state: GatewayState) -> Router {
    Gateway::new(state).router
}

#[cfg(test)]
mod tests;

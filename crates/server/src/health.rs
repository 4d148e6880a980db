//! Whether the process runs, and whether it can do its work.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use plimsoll_db::migrate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;
use crate::state::AppState;

/// A database that takes longer is not one to send requests to.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz))
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    /// What has to happen first; empty when ready.
    missing: Vec<String>,
    version: &'static str,
}

/// The process is up.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()),
    responses((status = 200, description = "The process is up.", body = String, content_type = "text/plain")))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The database can be reached and has this version's schema.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, description = "Ready for requests.", body = Readiness),
              (status = 503, description = "Not ready; says what is missing.", body = Readiness)))]
pub(crate) async fn readyz(State(state): State<AppState>) -> (StatusCode, Json<Readiness>) {
    let mut missing = Vec::new();
    match tokio::time::timeout(LOOK_TIMEOUT, migrate::pending(&state.db)).await {
        Ok(Ok(pending)) if pending.is_empty() => {}
        Ok(Ok(pending)) => missing.push(format!("schema: {pending}; run `plimsoll migrate`")),
        Ok(Err(error)) => {
            tracing::warn!("error.cause" = %error, "not ready: {error}");
            missing.push("database: it cannot be reached or asked; the server's log has the cause".to_owned());
        }
        Err(_) => missing.push(format!("database: no answer within {} s", LOOK_TIMEOUT.as_secs())),
    }
    if state.shutdown.is_cancelled() {
        missing.push("server: it is stopping".to_owned());
    }
    let ready = missing.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, missing, version: env!("CARGO_PKG_VERSION") }))
}

//! `POST /functions/v1/ops-advisory-scan`: look at every project, with the contract of the edge function of that name.

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::post_only;
use crate::auth::function_tokens::{FunctionToken, check};
use crate::error::ApiError;
use crate::extract::Body;
use crate::state::AppState;

/// Looks at every project and writes down what it finds. A second scan with nothing new opens no advisories.
#[utoipa::path(
    post, path = "/functions/v1/ops-advisory-scan", tag = "functions", security(("advisory_token" = [])),
    responses(
        (status = 200, description = "Scanned.", body = Scanned),
        (status = 400, description = "`{error}`: there is a body, and it is not JSON", body = crate::ErrorBody),
        (status = 401, description = "`{error}`: no x-ops-advisory-token, or not one of this server's", body = crate::ErrorBody),
    )
)]
pub(crate) async fn ops_advisory_scan(State(state): State<AppState>, request: Request) -> Response {
    post_only(request, |request| scan(&state, request)).await
}

/// What a scan came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Scanned {
    /// Advisories opened that were not open before.
    advisories_created: i64,
}

async fn scan(state: &AppState, request: Request) -> Result<Scanned, ApiError> {
    check(state, request.headers(), FunctionToken::AdvisoryScan).await?;
    let Body(bytes) = Body::from_request(request, state).await?;
    // Clients that always send JSON send {}; it says nothing.
    if !bytes.trim_ascii().is_empty() {
        serde_json::from_slice::<&RawValue>(&bytes)
            .map_err(|error| ApiError::bad_request(format!("The body is not valid JSON: {error}")))?;
    }
    Ok(Scanned { advisories_created: state.db.scan_advisories().await? })
}

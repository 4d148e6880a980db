//! `POST /functions/v1/ops-metrics-ingest`: store a batch of samples, with the contract of the edge function of that name.

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_db::queue::Idempotency;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use utoipa::ToSchema;

use super::sample_batch::SampleBatchSent;
use super::{idempotency_key, post_only, sample_batch};
use crate::auth::function_tokens::{FunctionToken, check};
use crate::error::ApiError;
use crate::extract::Body;
use crate::state::AppState;

/// Stores samples of a project, all of the batch or nothing.
#[utoipa::path(
    post, path = "/functions/v1/ops-metrics-ingest", tag = "functions", security(("ingest_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body answer the first result again")),
    request_body = SampleBatchSent,
    responses(
        (status = 200, description = "Stored.", body = Inserted),
        (status = 400, description = "`{error}`: not JSON, a field is missing or wrong, or which sample is and why", body = crate::ErrorBody),
        (status = 401, description = "`{error}`: no x-ops-ingest-token, or not one of this server's", body = crate::ErrorBody),
        (status = 404, description = "`{error}`: there is no such project, or no such branch in it", body = crate::ErrorBody),
        (status = 409, description = "`{error}`: the key was used with another body", body = crate::ErrorBody),
        (status = 413, description = "`{error}`: over 10,000 samples, or over 4 MiB", body = crate::ErrorBody),
    )
)]
pub(crate) async fn ops_metrics_ingest(State(state): State<AppState>, request: Request) -> Response {
    post_only(request, |request| ingest(&state, request)).await
}

/// What was stored.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inserted {
    /// How many samples.
    inserted: i64,
}

async fn ingest(state: &AppState, request: Request) -> Result<Inserted, ApiError> {
    check(state, request.headers(), FunctionToken::Ingest).await?;
    let key = idempotency_key(request.headers())?;
    let Body(bytes) = Body::from_request(request, state).await?;
    let batch = sample_batch::read(&bytes, Timestamp::now())?;
    // Of what was understood and not of the bytes: the same batch in another order of fields or spacing is the same.
    let hash = key.as_ref().map(|_| serde_json::to_vec(&batch).map(|text| digest(&SHA256, &text)));
    let hash = hash.transpose().map_err(ApiError::internal)?;
    let idempotency = key.as_deref().zip(hash.as_ref());
    let idempotency = idempotency.map(|(key, hash)| Idempotency { key, request_hash: hash.as_ref() });
    let inserted = state.db.ingest_samples(&batch, idempotency).await?;
    Ok(Inserted { inserted })
}

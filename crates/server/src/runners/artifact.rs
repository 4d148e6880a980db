//! `PUT /runner/v1/attempts/{build_id}/artifacts`: store a file the build made.
//!
//! The body goes to the object store as it arrives, under a name nobody reads yet; only a whole file with the promised
//! digest gets its place and its row.

use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use object_store::path::Path as StorePath;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use plimsoll_core::protocol::Stored;
use plimsoll_core::status::ArtifactType;
use plimsoll_db::DbError;
use plimsoll_db::runners::NewArtifact;
use ring::digest::{Context, SHA256};
use serde::Deserialize;

use super::attempt::{Authorised, refused};
use crate::attempt_token::Attempt;
use crate::error::ApiError;
use crate::extract::{Json, Query};
use crate::state::AppState;

/// Bytes gathered before they go to the store: S3 takes no smaller part.
const PART_BYTES: usize = 5 << 20;
const MAX_NAME_CHARS: usize = 500;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArtifactQuery {
    /// The file's path as the build knows it; unique in the build.
    name: String,
    /// `log`, `image`, `dump` or `report`.
    r#type: String,
    /// Of the bytes that follow, in lower-case hex.
    sha256: String,
    mime_type: Option<String>,
}

/// Stores an artifact of the attempt.
#[utoipa::path(
    put, path = "/runner/v1/attempts/{build_id}/artifacts", tag = "runner",
    params(("build_id" = Uuid, Path), ArtifactQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "`{artifact_id}`", body = serde_json::Value),
        (status = 400, description = "The bytes do not have this digest; nothing was kept", body = crate::ErrorBody),
        (status = 409, description = "`stale_token`", body = crate::ErrorBody),
        (status = 413, description = "Larger than this server takes", body = crate::ErrorBody),
    )
)]
pub(crate) async fn upload_artifact(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
    Query(query): Query<ArtifactQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Stored>, ApiError> {
    let kind = check(&query)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > state.config.max_artifact_bytes) {
        return Err(too_large(&state));
    }
    if !state.db.lease_is_live(attempt.build_id, attempt.token).await? {
        return Err(refused(&state, attempt, "artifact", DbError::StaleToken).await);
    }
    // A folder an attempt: a stale runner can never touch what a live one stored.
    let place = StorePath::from(format!("artifacts/{}/{}/{}", attempt.build_id, attempt.token, query.sha256));
    let was_there = state.artifacts.head(&place).await.is_ok();
    let size_bytes = upload(&state, &place, body.into_data_stream(), &query.sha256).await?;
    let artifact = NewArtifact {
        r#type: kind,
        name: query.name,
        storage_path: place.to_string(),
        size_bytes,
        mime_type: query.mime_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        sha256: query.sha256,
    };
    match state.db.record_artifact(attempt.build_id, attempt.token, &artifact).await {
        Ok(artifact_id) => Ok(Json(Stored { artifact_id })),
        Err(error) => {
            if !was_there {
                discard(&state, &place, attempt).await;
            }
            Err(refused(&state, attempt, "artifact", error).await)
        }
    }
}

fn check(query: &ArtifactQuery) -> Result<ArtifactType, ApiError> {
    let name_chars = query.name.chars().count();
    if !(1..=MAX_NAME_CHARS).contains(&name_chars) || query.name.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!(
            "name must be 1 to {MAX_NAME_CHARS} characters, none of them a control character"
        )));
    }
    let is_digest = query.sha256.len() == 64 && query.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digest {
        return Err(ApiError::bad_request("sha256 must be 64 lower-case hex digits"));
    }
    let mime_ok = |mime: &String| {
        (3..=200).contains(&mime.len()) && mime.contains('/') && mime.bytes().all(|b| (0x20..0x7f).contains(&b))
    };
    if !query.mime_type.as_ref().is_none_or(mime_ok) {
        return Err(ApiError::bad_request("mime_type must look like text/plain"));
    }
    query.r#type.parse().map_err(|wrong: plimsoll_core::status::UnknownName| ApiError::bad_request(wrong.to_string()))
}

/// Streams the body to its place; answers its size in bytes. Whatever goes wrong, nothing stays behind.
async fn upload(state: &AppState, place: &StorePath, body: BodyDataStream, sha256: &str) -> Result<i64, ApiError> {
    let mut upload = state.artifacts.put_multipart(place).await.map_err(store_failed)?;
    let sent = match send(state, &mut *upload, body, sha256).await {
        Ok(size_bytes) => upload.complete().await.map(|_| size_bytes).map_err(store_failed),
        Err(error) => Err(error),
    };
    if sent.is_err()
        && let Err(error) = upload.abort().await
    {
        tracing::warn!(%error, artifact.path = %place, "an upload that failed could not be cleaned up");
    }
    sent
}

async fn send(
    state: &AppState,
    upload: &mut dyn MultipartUpload,
    mut body: BodyDataStream,
    sha256: &str,
) -> Result<i64, ApiError> {
    let mut digest = Context::new(&SHA256);
    let mut size_bytes: u64 = 0;
    let mut part = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| ApiError::bad_request("the body broke off: send the artifact again"))?;
        size_bytes += piece.len() as u64;
        if size_bytes > state.config.max_artifact_bytes {
            return Err(too_large(state));
        }
        digest.update(&piece);
        part.extend_from_slice(&piece);
        if part.len() >= PART_BYTES {
            upload.put_part(PutPayload::from(std::mem::take(&mut part))).await.map_err(store_failed)?;
        }
    }
    let found = hex::encode(digest.finish());
    if found != sha256 {
        return Err(ApiError::bad_request(format!(
            "the {size_bytes} bytes received have SHA-256 {found}, not {sha256}: nothing was kept, send them again"
        )));
    }
    if !part.is_empty() {
        upload.put_part(PutPayload::from(part)).await.map_err(store_failed)?;
    }
    i64::try_from(size_bytes).map_err(ApiError::internal)
}

async fn discard(state: &AppState, place: &StorePath, attempt: Attempt) {
    if let Err(error) = state.artifacts.delete(place).await {
        tracing::warn!(build.id = %attempt.build_id, %error, "a refused artifact could not be removed");
    }
}

fn store_failed(error: object_store::Error) -> ApiError {
    ApiError::unavailable("the artifact could not be stored just now: try again", error)
}

fn too_large(state: &AppState) -> ApiError {
    let limit = state.config.max_artifact_bytes;
    ApiError::new(
        axum::http::StatusCode::PAYLOAD_TOO_LARGE,
        format!("an artifact may have at most {limit} bytes on this server"),
    )
}

//! `GET /api/ops/artifacts/{id}`: the file, as an attachment a browser never renders in our origin.

use std::ops::Range;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use object_store::path::Path as StorePath;
use object_store::{GetOptions, GetRange, ObjectStore};
use plimsoll_db::builds::ArtifactLocation;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Types that are sent as they are; anything else, HTML and SVG above all, goes as plain bytes.
const HARMLESS_TYPES: &[&str] = &[
    "application/gzip",
    "application/json",
    "application/pdf",
    "application/x-tar",
    "application/zip",
    "application/zstd",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
];

/// An artifact's bytes, as a download.
#[utoipa::path(
    get, path = "/api/ops/artifacts/{artifact_id}", tag = "artifacts",
    params(("artifact_id" = Uuid, Path), ("Range" = Option<String>, Header, description = "One range, as `bytes=0-99`")),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The range asked for"),
        (status = 404, description = "No such artifact for this caller", body = crate::ErrorBody),
        (status = 410, description = "The bytes are no longer stored", body = crate::ErrorBody),
        (status = 416, description = "The range is outside the file", body = crate::ErrorBody),
    )
)]
pub(crate) async fn download_artifact(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(artifact_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let artifact = state.db.artifact_location(&actor, artifact_id).await?;
    let size_bytes = artifact.size_bytes.max(0) as u64;
    let range = match headers.get(header::RANGE).and_then(|range| range.to_str().ok()) {
        None => None,
        Some(asked) => match read_range(asked, size_bytes) {
            Asked::Part(range) => Some(range),
            Asked::Whole => None,
            Asked::Outside => return Ok(outside(size_bytes)),
        },
    };
    let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
    let place = StorePath::from(artifact.storage_path.as_str());
    let object = state.artifacts.get_opts(&place, options).await.map_err(|error| match error {
        object_store::Error::NotFound { .. } => {
            ApiError::new(StatusCode::GONE, "the artifact's bytes are no longer stored")
        }
        error => ApiError::unavailable("the artifact cannot be read just now: try again", error),
    })?;
    let mut response = Body::from_stream(object.into_stream()).into_response();
    let length = range.as_ref().map_or(size_bytes, |range| range.end - range.start);
    set_headers(response.headers_mut(), &artifact, length);
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        insert(
            response.headers_mut(),
            header::CONTENT_RANGE,
            &format!("bytes {}-{}/{size_bytes}", range.start, range.end - 1),
        );
    }
    Ok(response)
}

fn set_headers(headers: &mut HeaderMap, artifact: &ArtifactLocation, length_bytes: u64) {
    let essence = artifact.mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mime_type =
        HARMLESS_TYPES.iter().find(|known| **known == essence).copied().unwrap_or("application/octet-stream");
    insert(headers, header::CONTENT_TYPE, mime_type);
    insert(headers, header::CONTENT_LENGTH, &length_bytes.to_string());
    insert(headers, header::CONTENT_DISPOSITION, &disposition(&artifact.name));
    insert(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    insert(headers, header::ETAG, &format!("\"{}\"", artifact.sha256));
    insert(headers, header::ACCEPT_RANGES, "bytes");
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
}

/// RFC 6266: the last part of the name, percent-encoded, so that no character of it can end the header or the path.
fn disposition(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().filter(|file| !file.is_empty()).unwrap_or("artifact");
    let ascii: String =
        file.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let encoded: String = file
        .bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn outside(size_bytes: u64) -> Response {
    let mut response = ApiError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        format!("the range is outside the file, which has {size_bytes} bytes"),
    )
    .into_response();
    insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{size_bytes}"));
    response
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Outside,
}

/// RFC 9110 §14.2: a range we do not understand, or several at once, may be answered with the whole.
fn read_range(asked: &str, size: u64) -> Asked {
    let Some((first, last)) = asked.strip_prefix("bytes=").and_then(|spec| spec.split_once('-')) else {
        return Asked::Whole;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(suffix)) if first.is_empty() => size.saturating_sub(suffix)..size,
        _ => return Asked::Whole,
    };
    if range.is_empty() { Asked::Outside } else { Asked::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_rfc_9110_reads_them() {
        for (asked, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            ("bytes=5-99", Asked::Part(5..10)),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=5-2", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("bytes=x-", Asked::Whole),
            ("bytes=0-18446744073709551615", Asked::Part(0..10)),
        ] {
            assert_eq!(read_range(asked, 10), expected, "{asked}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_header_or_its_folder() {
        assert_eq!(
            disposition("dist/re\"port\r\nX: y.html"),
            "attachment; filename=\"re_port__X__y.html\"; filename*=UTF-8''re%22port%0D%0AX%3A%20y.html"
        );
        assert!(disposition("../").contains("filename=\"artifact\""));
        assert!(disposition("größe.txt").ends_with("gr%C3%B6%C3%9Fe.txt"));
    }
}

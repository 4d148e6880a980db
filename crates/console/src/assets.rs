//! The scripts and styles of `web/`, compiled into the binary and served under the hash of them all.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};

static WEB: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/web");

/// `/assets/<hash>`: another hash with every change, so the files may be cached for good.
static BASE: LazyLock<String> = LazyLock::new(|| format!("/assets/{:016x}", hash(&WEB, FNV_OFFSET)));

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/: tells versions apart, guards nothing.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

fn hash(dir: &Dir<'_>, start: u64) -> u64 {
    let eat = |hash: u64, bytes: &[u8]| bytes.iter().fold(hash, |h, b| (h ^ u64::from(*b)).wrapping_mul(FNV_PRIME));
    let files =
        dir.files().fold(start, |h, file| eat(eat(h, file.path().as_os_str().as_encoded_bytes()), file.contents()));
    dir.dirs().fold(files, |h, dir| hash(dir, h))
}

/// What links to assets start with.
pub(crate) fn base() -> &'static str {
    &BASE
}

pub(crate) async fn serve(Path((hash, file)): Path<(String, String)>) -> Response {
    let Some(found) = WEB.get_file(&file) else { return StatusCode::NOT_FOUND.into_response() };
    // A page of an older version still gets the file, but must not keep it under that name.
    let cache = if base().strip_prefix("/assets/") == Some(&*hash) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(&file))),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, found.contents()).into_response()
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

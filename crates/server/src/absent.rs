//! Paths that clients of Supabase know and that are not here: the answer says what there is instead, to anybody.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::json;

use crate::error::ApiError;
use crate::state::AppState;

const STORAGE: &str = "there is no file storage here: what builds keep is listed at \
     /api/ops/builds/{build_id}/artifacts and fetched from /api/ops/artifacts/{artifact_id}";
const GRAPHQL: &str = "there is no GraphQL here: tables and functions are at /rest/v1, with related rows by \
     select=*,branches(*)";
const REALTIME: &str = "there are no websockets here: changes are server-sent events at /api/ops/events/stream, a log's \
     lines at /api/ops/builds/{build_id}/logs/stream";
const BY_MAIL: &str = "no mail is sent here: sign in with a password, for the first time by the link of an invitation, \
     which an admin makes with POST /api/ops/orgs/{org_id}/members, or where the password was forgotten by the link that \
     the operator makes with `plimsoll signin-link`";
const ADMIN: &str = "people are not made here: an admin invites them with POST /api/ops/orgs/{org_id}/members, lists them \
     with GET and takes them out with DELETE …/members/{user_id}";

pub(crate) fn router() -> Router<AppState> {
    let mut router = Router::new();
    for (prefix, message) in [("/storage/v1", STORAGE), ("/graphql/v1", GRAPHQL), ("/realtime/v1", REALTIME)] {
        let answer = move || async move { absent(message) };
        router = router.route(prefix, any(answer)).route(&format!("{prefix}/{{*rest}}"), any(answer));
    }
    for path in ["/auth/v1/recover", "/auth/v1/otp", "/auth/v1/magiclink"] {
        router = router.route(path, any(|| async { ApiError::not_found(BY_MAIL) }));
    }
    router.route("/auth/v1/admin/{*rest}", any(|| async { ApiError::not_found(ADMIN) }))
}

/// Clients of those services show `message`, or `error` where they look for that.
fn absent(message: &str) -> Response {
    (StatusCode::NOT_FOUND, axum::Json(json!({"error": "not_found", "message": message}))).into_response()
}

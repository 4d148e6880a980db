use axum::Extension;
use axum::extract::State;
use axum::http::header::{ACCEPT, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::auth::cookies;
use crate::auth::identify::SessionHash;
use crate::error::ApiError;
use crate::state::AppState;

/// Ends the session here and in the browser. Harmless to repeat.
#[utoipa::path(post, path = "/signout", tag = "account",
    responses((status = 204, description = "Signed out."),
              (status = 303, description = "The answer to a page's form: to /signin."),
              (status = 403, description = "Sent by another site.", body = crate::ErrorBody)))]
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    session: Option<Extension<SessionHash>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(Extension(SessionHash(hash))) = session {
        state.db.end_session(&hash).await?;
    }
    let cookie = [(SET_COOKIE, cookies::clear(&state.config, &headers))];
    let from_page =
        headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    Ok(if from_page {
        (StatusCode::SEE_OTHER, cookie, [(LOCATION, HeaderValue::from_static("/signin"))]).into_response()
    } else {
        (StatusCode::NO_CONTENT, cookie).into_response()
    })
}

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_db::Actor;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::identify::SessionHash;
use crate::auth::passwords::check_strength;
use crate::auth::sign_in_limit::SignInTry;
use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The password so far; left out where there is none yet.
    current_password: Option<String>,
    /// At least 10 characters.
    new_password: String,
}

/// Sets or changes the caller's own password; every other session of theirs ends.
#[utoipa::path(put, path = "/api/ops/password", tag = "account", request_body = NewPassword,
    responses((status = 204, description = "Set."),
              (status = 400, description = "Too short.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The current password is wrong, or the caller is not a console session.", body = crate::ErrorBody)))]
pub(crate) async fn set_password(
    State(state): State<AppState>,
    Caller(actor): Caller,
    session: Option<Extension<SessionHash>>,
    Json(body): Json<NewPassword>,
) -> Result<StatusCode, ApiError> {
    let (Actor::User { user_id, .. }, Some(Extension(SessionHash(session)))) = (&actor, session) else {
        return Err(ApiError::forbidden("a password is changed from the console: a token cannot do it"));
    };
    check_strength(&body.new_password)?;
    let stored = match state.db.email_of(*user_id).await? {
        Some(email) => state.db.password_hash_for(&email).await?.map(|known| known.password_hash),
        None => None,
    };
    if stored.is_some() {
        let attempt = SignInTry::of_person(&state, *user_id)?;
        let current = body.current_password.unwrap_or_default();
        let matches = state.passwords.verify(current, stored).await;
        let wrong = || ApiError::forbidden("the current password is not that");
        attempt.ended(matches.and_then(|matches| if matches { Ok(()) } else { Err(wrong()) }))?;
    }
    let hash = state.passwords.hash(body.new_password).await?;
    state.db.set_password(*user_id, &hash, Some(&session)).await?;
    Ok(StatusCode::NO_CONTENT)
}

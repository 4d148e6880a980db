use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answers::{Refusals, User};
use super::body::Body;
use super::person::{self, Person};
use super::refusal;
use crate::auth::passwords::check_strength;
use crate::auth::sign_in_limit::SignInTry;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// A session this young may set a password without the present one: its person has just shown who they are.
const JUST_SIGNED_IN: SignedDuration = SignedDuration::from_hours(24);

#[derive(Deserialize, ToSchema)]
pub(crate) struct Changes {
    /// At least 10 characters. Other sessions end.
    password: Option<String>,
    /// Needed in sessions older than a day.
    current_password: Option<String>,
    /// Merged into `user_metadata`; a null takes a key away.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
    /// The present address: another is refused.
    email: Option<String>,
    phone: Option<String>,
}

/// The person whose token it is.
#[utoipa::path(get, path = "/auth/v1/user", tag = "sign-in",
    responses((status = 200, description = "The person.", body = User), Refusals))]
pub(crate) async fn auth_user(person: Person) -> Json<User> {
    Json(person::show(&person.user))
}

/// Changes the password, or what the person says about themselves.
#[utoipa::path(put, path = "/auth/v1/user", tag = "sign-in", request_body = Changes,
    responses((status = 200, description = "The person as changed.", body = User), Refusals))]
pub(crate) async fn auth_update_user(
    State(state): State<AppState>,
    person: Person,
    Body(changes): Body<Changes>,
) -> Result<Json<User>, ApiError> {
    if changes.phone.is_some_and(|phone| !phone.is_empty()) {
        return Err(refusal::phone_disabled());
    }
    let present = person.user.email.as_deref().unwrap_or_default();
    if changes.email.is_some_and(|email| !email.trim().eq_ignore_ascii_case(present)) {
        return Err(refusal::email_is_fixed());
    }
    if let Some(password) = changes.password {
        set_password(&state, &person, password, changes.current_password).await?;
    }
    if let Some(data) = changes.data {
        person::check_size(&person::user_metadata(&person.user), &data)?;
        state.db.update_user_metadata(person.user.id, &Value::Object(data)).await?;
    }
    let user = state.db.auth_user(person.user.id).await?.ok_or_else(refusal::user_not_found)?;
    Ok(Json(person::show(&user)))
}

async fn set_password(
    state: &AppState,
    person: &Person,
    password: String,
    current: Option<String>,
) -> Result<(), ApiError> {
    check_strength(&password).map_err(|error| refusal::weak_password(&error))?;
    let user_id = person.user.id;
    let stored = match &person.user.email {
        Some(email) => state.db.password_hash_for(email).await?.map(|known| known.password_hash),
        None => None,
    };
    if stored.is_some() {
        let attempt = SignInTry::of_person(state, user_id)?;
        attempt.ended(prove_again(state, person, &password, current, stored).await)?;
    }
    let hash = state.passwords.hash(password).await?;
    let session = person.session.as_ref().map(|session| session.id.into_bytes());
    state.db.set_password(user_id, &hash, session.as_ref().map(|id| id.as_slice())).await?;
    Ok(())
}

/// With the present password, or as somebody who has just signed in; and the new password is another.
async fn prove_again(
    state: &AppState,
    person: &Person,
    password: &str,
    current: Option<String>,
    stored: Option<String>,
) -> Result<(), ApiError> {
    let young = person.session.as_ref().is_some_and(|session| Timestamp::now() < session.signed_in_at + JUST_SIGNED_IN);
    let proved = match current {
        Some(current) => {
            if !state.passwords.verify(current, stored.clone()).await? {
                return Err(refusal::invalid_credentials());
            }
            true
        }
        None => young,
    };
    if !proved {
        return Err(refusal::reauthentication_needed());
    }
    if state.passwords.verify(password.to_owned(), stored).await? {
        return Err(refusal::same_password());
    }
    Ok(())
}

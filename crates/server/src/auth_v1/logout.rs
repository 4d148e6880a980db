use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_db::registry::SignOutScope;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::Refusals;
use super::person::Person;
use super::refusal;
use crate::error::ApiError;
use crate::extract::Query;
use crate::state::AppState;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Scope {
    /// `global` (all sessions, and what is meant where it is left out), `local` (this one) or `others`.
    scope: Option<String>,
}

/// Ends sessions of API clients: they are not refreshed any more and are nobody's below /auth/v1.
/// Elsewhere an access token is good until it expires, within the hour, as with Supabase.
#[utoipa::path(post, path = "/auth/v1/logout", tag = "sign-in", params(Scope),
    responses((status = 204, description = "Signed out."), Refusals))]
pub(crate) async fn auth_logout(
    State(state): State<AppState>,
    Query(Scope { scope }): Query<Scope>,
    person: Person,
) -> Result<StatusCode, ApiError> {
    let scope = match scope.as_deref() {
        None | Some("" | "global") => SignOutScope::Global,
        Some("local") => SignOutScope::Local,
        Some("others") => SignOutScope::Others,
        Some(other) => return Err(refusal::validation_failed(format!("Unsupported logout scope {other:?}"))),
    };
    let session_id = person.session.map(|session| session.id);
    // A token that names no session stands for all of them.
    let scope = if session_id.is_none() { SignOutScope::Global } else { scope };
    state.db.end_auth_sessions(person.user.id, session_id, scope).await?;
    Ok(StatusCode::NO_CONTENT)
}

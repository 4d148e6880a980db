use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::{Refusals, Session};
use super::body::Body;
use super::session::{self, Method};
use super::{person, refusal};
use crate::auth::middleware::ClientAddress;
use crate::auth::passwords::check_strength;
use crate::auth::sign_in_limit::SignInTry;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;
use crate::tokens::{self, Kind};

#[derive(Deserialize, ToSchema)]
pub(crate) struct SignUp {
    /// The address that was invited.
    email: Option<String>,
    /// At least 10 characters.
    password: Option<String>,
    /// The invitation's link, or the token in it. `data.invite_token` does as well.
    token: Option<String>,
    /// What the person says about themselves.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
}

/// Signs somebody up who was invited: they choose a password and are signed in.
#[utoipa::path(post, path = "/auth/v1/signup", tag = "sign-in", security(()), request_body = SignUp,
    responses((status = 200, description = "Signed up and in.", body = Session), Refusals))]
pub(crate) async fn auth_signup(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    Body(body): Body<SignUp>,
) -> Result<Json<Session>, ApiError> {
    let mut data = body.data.unwrap_or_default();
    let invited = data.remove("invite_token").and_then(|token| token.as_str().map(str::to_owned)).or(body.token);
    let invitation = invited.ok_or_else(|| refusal::signup_disabled("Signups not allowed for this instance"))?;
    let email = body.email.filter(|email| !email.is_empty());
    let email = email.ok_or_else(|| refusal::validation_failed("To signup, please provide your email"))?;
    let password = body.password.filter(|password| !password.is_empty());
    let password = password.ok_or_else(|| refusal::validation_failed("Signup requires a valid password"))?;
    check_strength(&password).map_err(|error| refusal::weak_password(&error))?;
    person::check_size(&Value::Null, &data)?;
    let attempt = SignInTry::from_address(&state, address)?;
    let user_id = attempt.ended(accept(&state, &token_of(&invitation), &email, password).await)?;
    if !data.is_empty() {
        state.db.update_user_metadata(user_id, &Value::Object(data)).await?;
    }
    Ok(Json(session::start(&state, &headers, user_id, Method::Password).await?))
}

async fn accept(state: &AppState, token: &str, email: &str, password: String) -> Result<Uuid, ApiError> {
    let user_id = if tokens::is_well_formed(Kind::Link, token) {
        let hash = state.passwords.hash(password).await?;
        state.db.accept_invitation(&tokens::hash(token), email, &hash).await?
    } else {
        None
    };
    user_id.ok_or_else(|| {
        refusal::signup_disabled("Signups are by invitation: this one is used, over, or for another address")
    })
}

/// The token, be it alone or in the link that it came in.
fn token_of(invitation: &str) -> String {
    let in_link = Url::parse(invitation)
        .ok()
        .and_then(|link| link.query_pairs().find(|(name, _)| name == "token").map(|(_, token)| token.into_owned()));
    in_link.unwrap_or_else(|| invitation.trim().to_owned())
}

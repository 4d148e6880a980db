use axum::Extension;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use plimsoll_core::local_path;
use plimsoll_db::Actor;
use plimsoll_db::registry::Joined;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::cookies;
use crate::auth::middleware::ClientAddress;
use crate::auth::sign_in_limit::SignInTry;
use crate::error::ApiError;
use crate::extract::{Body, Json, body_required};
use crate::state::AppState;
use crate::tokens::{self, Kind};

/// Either a one-time link's token, or an address and a password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    /// From a one-time link: `/signin?token=…`.
    token: Option<String>,
    email: Option<String>,
    password: Option<String>,
    /// Where to go afterwards: a path on this server.
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedIn {
    user_id: Uuid,
    /// Where to go now.
    next: String,
}

/// Signs in and sets the session's cookie. An invitation's link joins the org where the caller is signed in already.
///
/// JSON answers JSON. A form (`application/x-www-form-urlencoded`) answers 303: to `next`, or back to
/// `/signin?failed=credentials|link|account|limit`.
#[utoipa::path(post, path = "/signin", tag = "account", security(()), request_body = SignIn,
    responses((status = 200, description = "Signed in; the cookie is set.", body = SignedIn),
              (status = 303, description = "The answer to a form."),
              (status = 400, description = "Neither a token nor an address with a password.", body = crate::ErrorBody),
              (status = 401, description = "Wrong address or password; or a link that is used, over or unknown; or (code `account`) an invitation for an account that must be signed in to first.", body = crate::ErrorBody),
              (status = 403, description = "Sent by another site.", body = crate::ErrorBody),
              (status = 429, description = "Too many tries; see Retry-After.", body = crate::ErrorBody)))]
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(caller): Extension<Actor>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let is_form =
        headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let request = parse(&body, is_form)?;
    let next = local_path(request.next.as_deref()).to_owned();
    let proved = match SignInTry::from_address(&state, address) {
        Ok(mut attempt) => {
            let proved = prove(&state, &caller, request, &mut attempt).await;
            attempt.ended(proved)
        }
        Err(limited) => Err(limited),
    };
    match proved {
        Ok(Proof::Person(user_id)) => start_session(&state, &headers, user_id, next, is_form).await,
        Ok(Proof::Caller(user_id)) => Ok(answer(user_id, next, is_form)),
        Err(error) if is_form => back_to_form(error),
        Err(error) => Err(error),
    }
}

fn parse(body: &[u8], is_form: bool) -> Result<SignIn, ApiError> {
    if is_form {
        let mut request = SignIn { token: None, email: None, password: None, next: None };
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = Some(value.into_owned()).filter(|value| !value.is_empty());
            match &*name {
                "token" => request.token = value,
                "email" => request.email = value,
                "password" => request.password = value,
                "next" => request.next = value,
                _ => {}
            }
        }
        return Ok(request);
    }
    if body.is_empty() {
        return Err(body_required());
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body is not the JSON we expect: {error}")))
}

enum Proof {
    /// Somebody who is signed in by it.
    Person(Uuid),
    /// Somebody who is signed in already.
    Caller(Uuid),
}

/// Whom the link or the password proves.
async fn prove(
    state: &AppState,
    caller: &Actor,
    request: SignIn,
    attempt: &mut SignInTry<'_>,
) -> Result<Proof, ApiError> {
    match request {
        SignIn { token: Some(token), .. } => prove_by_link(state, caller, &token).await,
        SignIn { email: Some(email), password: Some(password), .. } => {
            let user_id = person_with(state, &email, password, attempt).await?;
            user_id.map(Proof::Person).ok_or_else(|| {
                ApiError::unauthorized("no account has this address and password").with_code("credentials")
            })
        }
        _ => Err(ApiError::bad_request("send either token, or email and password")),
    }
}

async fn prove_by_link(state: &AppState, caller: &Actor, token: &str) -> Result<Proof, ApiError> {
    let not_good = || {
        ApiError::unauthorized("this link was used, is over, or was not copied whole: ask for a new one")
            .with_code("link")
    };
    if !tokens::is_well_formed(Kind::Link, token) {
        return Err(not_good());
    }
    let hash = tokens::hash(token);
    if let Some(user_id) = state.db.use_signin_link(&hash).await? {
        return Ok(Proof::Person(user_id));
    }
    // A token that somebody made for a machine does not join for them.
    let signed_in = if let Actor::User { user_id, .. } = caller { Some(*user_id) } else { None };
    match (state.db.join_org(&hash, signed_in).await?, signed_in) {
        (Joined::Member, Some(user_id)) => Ok(Proof::Caller(user_id)),
        (Joined::ForAnother, _) => Err(ApiError::unauthorized(
            "this invitation is for an account that is in use: sign in to that account, then open the link again",
        )
        .with_code("account")),
        (Joined::Member | Joined::NotGood, _) => Err(not_good()),
    }
}

/// Who has this address and password. It takes as long for an address that nobody has.
pub(crate) async fn person_with(
    state: &AppState,
    email: &str,
    password: String,
    attempt: &mut SignInTry<'_>,
) -> Result<Option<Uuid>, ApiError> {
    attempt.of_account(email)?;
    let known = state.db.password_hash_for(email).await?;
    let (user_id, stored) = known.map_or((None, None), |known| (Some(known.user_id), Some(known.password_hash)));
    let matches = state.passwords.verify(password, stored).await?;
    Ok(user_id.filter(|_| matches))
}

async fn start_session(
    state: &AppState,
    headers: &HeaderMap,
    user_id: Uuid,
    next: String,
    is_form: bool,
) -> Result<Response, ApiError> {
    let token = tokens::generate(Kind::Session);
    let user_agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let expires_at = Timestamp::now() + state.config.session_lifetime;
    state.db.create_session(&tokens::hash(&token), user_id, user_agent, expires_at).await?;
    let cookie = [(SET_COOKIE, cookies::set(&state.config, headers, &token))];
    Ok((cookie, answer(user_id, next, is_form)).into_response())
}

fn answer(user_id: Uuid, next: String, is_form: bool) -> Response {
    if is_form {
        return (StatusCode::SEE_OTHER, [(LOCATION, location(&next))]).into_response();
    }
    Json(SignedIn { user_id, next }).into_response()
}

/// Without scripts a browser shows what we answer: so it is the form again, saying why.
fn back_to_form(error: ApiError) -> Result<Response, ApiError> {
    let why = match error.status() {
        StatusCode::UNAUTHORIZED => error.code.unwrap_or("credentials"),
        StatusCode::TOO_MANY_REQUESTS => "limit",
        _ => return Err(error),
    };
    Ok((StatusCode::SEE_OTHER, [(LOCATION, location(&format!("/signin?failed={why}")))]).into_response())
}

fn location(path: &str) -> HeaderValue {
    HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"))
}

//! The documented shapes of `/auth/v1`, by which answers are made too.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

/// Somebody is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthSession)]
pub(crate) struct Session {
    /// A JWT, good for an hour; `/auth/v1/.well-known/jwks.json` has the key that it is checked with.
    pub(super) access_token: String,
    /// `bearer`.
    pub(super) token_type: &'static str,
    /// Seconds from now.
    pub(super) expires_in: i64,
    /// Seconds since 1970.
    pub(super) expires_at: i64,
    /// Good for one use.
    pub(super) refresh_token: String,
    pub(super) user: User,
}

/// A person, as they are shown to themselves.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthUser)]
pub(crate) struct User {
    pub(super) id: Uuid,
    pub(super) aud: &'static str,
    pub(super) role: &'static str,
    pub(super) email: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) email_confirmed_at: Timestamp,
    pub(super) phone: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub(super) confirmed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) last_sign_in_at: Option<Timestamp>,
    #[schema(value_type = Object)]
    pub(super) app_metadata: Map<String, Value>,
    /// What the person says about themselves.
    #[schema(value_type = Object)]
    pub(super) user_metadata: Value,
    #[schema(value_type = Vec<Object>)]
    pub(super) identities: Vec<Value>,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(super) updated_at: Timestamp,
    pub(super) is_anonymous: bool,
}

/// The body of every refusal below `/auth/v1`.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthError {
    /// The status.
    code: u16,
    /// A word for programs.
    error_code: String,
    msg: String,
    /// With `invalid_api_key`: what to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// What every endpoint of `/auth/v1` that signs people in may answer.
pub(crate) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        [
            ("400", "`invalid_credentials`, `refresh_token_not_found`, `refresh_token_already_used`, `validation_failed`, `bad_json`, `reauthentication_needed`."),
            ("401", "`no_authorization`; `invalid_api_key`: an `apikey` was sent that is not good."),
            ("403", "`bad_jwt`, `session_not_found`, `user_not_found`, `otp_expired`."),
            ("413", "The body is too large."),
            ("422", "`signup_disabled`, `weak_password`, `same_password`, `phone_provider_disabled`, `email_address_not_authorized`."),
            ("429", "`over_request_rate_limit`; see Retry-After."),
            ("501", "People of this database sign in with Supabase."),
            ("503", "`unexpected_failure`: the database cannot be reached; see Retry-After."),
        ]
        .into_iter()
        .map(|(status, meaning)| (status.to_owned(), RefOr::T(refusal(meaning))))
        .collect()
    }
}

fn refusal(meaning: &str) -> Response {
    let body: Content = ContentBuilder::new().schema(Some(Ref::from_schema_name("AuthError"))).build();
    ResponseBuilder::new().description(meaning).content("application/json", body).build()
}

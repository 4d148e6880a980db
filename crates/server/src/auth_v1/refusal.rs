//! What Supabase Auth answers instead of a result, in its words: its clients know the codes.

use axum::http::StatusCode;

use crate::error::ApiError;

fn refuse(status: StatusCode, code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(status, message).with_code(code)
}

pub(super) fn validation_failed(message: impl Into<String>) -> ApiError {
    refuse(StatusCode::BAD_REQUEST, "validation_failed", message)
}

pub(super) fn bad_json(error: &serde_json::Error) -> ApiError {
    refuse(StatusCode::BAD_REQUEST, "bad_json", format!("Could not parse request body as JSON: {error}"))
}

pub(super) fn invalid_credentials() -> ApiError {
    refuse(StatusCode::BAD_REQUEST, "invalid_credentials", "Invalid login credentials")
}

pub(super) fn unsupported_grant_type() -> ApiError {
    refuse(StatusCode::BAD_REQUEST, "invalid_credentials", "unsupported_grant_type")
}

pub(super) fn refresh_token_not_found() -> ApiError {
    refuse(StatusCode::BAD_REQUEST, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
}

pub(super) fn refresh_token_already_used() -> ApiError {
    refuse(StatusCode::BAD_REQUEST, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
}

pub(super) fn no_authorization() -> ApiError {
    refuse(StatusCode::UNAUTHORIZED, "no_authorization", "This endpoint requires a valid Bearer token")
}

pub(super) fn not_a_person() -> ApiError {
    refuse(StatusCode::FORBIDDEN, "bad_jwt", "invalid claim: missing sub claim")
}

pub(super) fn session_not_found() -> ApiError {
    refuse(StatusCode::FORBIDDEN, "session_not_found", "Session from session_id claim in JWT does not exist")
}

pub(super) fn user_not_found() -> ApiError {
    refuse(StatusCode::FORBIDDEN, "user_not_found", "User from sub claim in JWT does not exist")
}

pub(super) fn signup_disabled(message: &'static str) -> ApiError {
    refuse(StatusCode::UNPROCESSABLE_ENTITY, "signup_disabled", message)
}

pub(super) fn phone_disabled() -> ApiError {
    refuse(StatusCode::UNPROCESSABLE_ENTITY, "phone_provider_disabled", "Phone logins are disabled")
}

pub(super) fn email_is_fixed() -> ApiError {
    refuse(
        StatusCode::UNPROCESSABLE_ENTITY,
        "email_address_not_authorized",
        "The e-mail address is not changed here: be invited with the new one",
    )
}

pub(super) fn weak_password(error: &ApiError) -> ApiError {
    refuse(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", error.message())
}

pub(super) fn same_password() -> ApiError {
    refuse(StatusCode::UNPROCESSABLE_ENTITY, "same_password", "New password should be different from the old password.")
}

pub(super) fn reauthentication_needed() -> ApiError {
    refuse(
        StatusCode::BAD_REQUEST,
        "reauthentication_needed",
        "Password update requires reauthentication: sign in again, or send current_password",
    )
}

pub(super) fn link_is_over() -> ApiError {
    refuse(StatusCode::FORBIDDEN, "otp_expired", "Email link is invalid or has expired")
}

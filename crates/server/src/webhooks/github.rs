//! `POST /webhooks/github/…`: GitHub's deliveries, addressed to an org or to one project.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::time::Instant;

use super::signature;
use crate::auth::middleware::ClientAddress;
use crate::auth::rate_limit::{Key, network};
use crate::error::ApiError;
use crate::extract::{Body, Path};
use crate::state::AppState;

const PROVIDER: &str = "github";
const MAX_DELIVERY_ID_CHARS: usize = 200;
const MAX_EVENT_CHARS: usize = 100;

/// A delivery for an org (by id or slug) or a project (by id).
#[utoipa::path(
    post, path = "/webhooks/github/{target}", tag = "webhooks",
    params(
        ("target" = String, Path, description = "An org's id or slug, or a project's id"),
        ("X-Hub-Signature-256" = String, Header), ("X-GitHub-Delivery" = String, Header), ("X-GitHub-Event" = String, Header),
    ),
    request_body = serde_json::Value,
    responses(
        (status = 202, description = "Stored; worked on afterwards", body = serde_json::Value),
        (status = 200, description = "A ping, or a delivery that was stored before: `{duplicate: true}`", body = serde_json::Value),
        (status = 400, description = "No delivery id, no event, or not JSON", body = crate::ErrorBody),
        (status = 401, description = "The signature fits no secret of this address", body = crate::ErrorBody),
        (status = 413, description = "Over 25 MiB", body = crate::ErrorBody),
    )
)]
pub(crate) async fn github_org(
    State(state): State<AppState>,
    Path(target): Path<String>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    receive(&state, &target, address, &headers, body).await
}

/// A delivery for a project, by the slugs of its org and itself.
#[utoipa::path(
    post, path = "/webhooks/github/{org}/{project}", tag = "webhooks",
    params(
        ("org" = String, Path), ("project" = String, Path),
        ("X-Hub-Signature-256" = String, Header), ("X-GitHub-Delivery" = String, Header), ("X-GitHub-Event" = String, Header),
    ),
    request_body = serde_json::Value,
    responses((status = 202, description = "Stored; worked on afterwards", body = serde_json::Value)),
)]
pub(crate) async fn github_project(
    State(state): State<AppState>,
    Path((org, project)): Path<(String, String)>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    receive(&state, &format!("{org}/{project}"), address, &headers, body).await
}

async fn receive(
    state: &AppState,
    target: &str,
    ClientAddress(address): ClientAddress,
    headers: &HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let Some(claimed) = signature::claimed(headers) else {
        return Err(unsigned(state, address));
    };
    let secret = state.db.webhook_secret(target, PROVIDER).await?;
    let secret = secret.filter(|secret| signature::is_good(&state.keys, PROVIDER, secret, &body, &claimed));
    let Some(secret) = secret else {
        return Err(unsigned(state, address));
    };
    let rate = state.config.rates.per_org;
    state.limits.take(Key::Org(secret.org_id), rate, Instant::now()).map_err(ApiError::too_many_requests)?;
    let delivery_id = named(headers, "x-github-delivery", MAX_DELIVERY_ID_CHARS)?;
    let event = named(headers, "x-github-event", MAX_EVENT_CHARS)?;
    let payload = payload(headers, &body)?;
    let is_new = state.db.receive_webhook(secret.org_id, PROVIDER, delivery_id, event, &payload).await?;
    tracing::debug!(org.id = %secret.org_id, webhook.delivery_id = delivery_id, webhook.event = event, is_new, "a webhook delivery was received");
    if !is_new {
        return Ok(Json(json!({ "delivery_id": delivery_id, "duplicate": true })).into_response());
    }
    state.wake.webhooks.notify_one();
    let status = if event == "ping" { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(json!({ "delivery_id": delivery_id, "duplicate": false }))).into_response())
}

/// One answer for no signature, a wrong one, and an address that is nobody's: who guesses learns nothing. Guessing is
/// limited by address.
fn unsigned(state: &AppState, address: std::net::IpAddr) -> ApiError {
    match state.limits.take(Key::Refused(network(address)), state.config.rates.refused, Instant::now()) {
        Err(seconds) => ApiError::too_many_requests(seconds),
        Ok(()) => ApiError::unauthorized(
            "X-Hub-Signature-256 must be sha256= and the hex HMAC of the body under this address's webhook secret (Settings, Webhook)",
        ),
    }
}

fn named<'a>(headers: &'a HeaderMap, name: &str, max_chars: usize) -> Result<&'a str, ApiError> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if (1..=max_chars).contains(&value.len()) {
        Ok(value)
    } else {
        Err(ApiError::bad_request(format!("the header {name} must be 1 to {max_chars} ASCII characters")))
    }
}

/// The payload, in either of the content types GitHub offers.
fn payload(headers: &HeaderMap, body: &Bytes) -> Result<Value, ApiError> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    let parsed = if is_form {
        let field = url::form_urlencoded::parse(body).find(|(name, _)| name == "payload");
        let (_, text) = field.ok_or_else(|| ApiError::bad_request("the form has no field payload"))?;
        serde_json::from_str(&text)
    } else {
        serde_json::from_slice(body)
    };
    let mut payload: Value =
        parsed.map_err(|error| ApiError::bad_request(format!("the delivery is not valid JSON: {error}")))?;
    if !payload.is_object() {
        return Err(ApiError::bad_request("the delivery must be a JSON object"));
    }
    without_nul(&mut payload);
    Ok(payload)
}

/// JSON may hold NUL characters, PostgreSQL's may not.
fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{fffd}"),
        Value::Array(values) => values.iter_mut().for_each(without_nul),
        Value::Object(fields) if fields.keys().any(|name| name.contains('\0')) => {
            let kept = std::mem::take(fields);
            fields.extend(kept.into_iter().map(|(name, mut value)| {
                without_nul(&mut value);
                (name.replace('\0', "\u{fffd}"), value)
            }));
        }
        Value::Object(fields) => fields.values_mut().for_each(without_nul),
        _ => {}
    }
}

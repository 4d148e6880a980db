//! `POST /functions/v1/ops-trigger-build`: queue a build, with the contract of the edge function of that name.

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_core::status::{BuildStatus, Trigger};
use plimsoll_db::queue::{Idempotency, NewBuild};
use plimsoll_db::{Actor, DbError};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{idempotency_key, post_only};
use crate::error::ApiError;
use crate::extract::{Body, body_required};
use crate::state::AppState;

/// Which build goes first within a branch's stage: the middle, as everywhere where nobody says otherwise.
const PRIORITY: i32 = 5;

/// Queues a build, with the contract of the edge function of this name.
#[utoipa::path(
    post, path = "/functions/v1/ops-trigger-build", tag = "functions",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body answer the first result again")),
    request_body = BuildAsked,
    responses(
        (status = 200, description = "Queued.", body = BuildQueued),
        (status = 400, description = "`{error}`: not JSON, or a field is missing or wrong", body = crate::ErrorBody),
        (status = 401, description = "`{error}`: Missing bearer token", body = crate::ErrorBody),
        (status = 403, description = "`{error}`: the project is not visible to the caller, or the role does not suffice", body = crate::ErrorBody),
        (status = 404, description = "`{error}`: the project has no such branch", body = crate::ErrorBody),
        (status = 409, description = "`{error}`: the key was used with another body", body = crate::ErrorBody),
    )
)]
pub(crate) async fn ops_trigger_build(State(state): State<AppState>, request: Request) -> Response {
    post_only(request, |request| trigger(&state, request)).await
}

/// A build to queue.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct BuildAsked {
    project_id: Uuid,
    /// Of the same project.
    branch_id: Uuid,
    /// `manual`, which is meant where it is left out, or `api`.
    trigger: Option<String>,
    /// 40 or 64 hexadecimal digits; the branch's newest where it is left out.
    commit_sha: Option<String>,
    params: Option<BuildParams>,
}

/// Others are kept as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
struct BuildParams {
    /// `build`, `deploy` or `promote`.
    target: Option<String>,
    /// `dev`, `stage` or `prod`.
    env: Option<String>,
    force: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BuildQueued {
    build_id: Uuid,
    /// `queued`.
    #[schema(value_type = String)]
    status: BuildStatus,
    queue_id: Uuid,
    /// Such as `shop/main#7`.
    queue_key: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

async fn trigger(state: &AppState, request: Request) -> Result<BuildQueued, ApiError> {
    let headers = request.headers().clone();
    let actor = caller(&headers, request.extensions().get::<Actor>())?;
    let Body(bytes) = Body::from_request(request, state).await?;
    let key = idempotency_key(&headers)?;
    if bytes.trim_ascii().is_empty() {
        return Err(body_required());
    }
    let body: Value = serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::bad_request(format!("The body is not valid JSON: {error}")))?;
    let asked = read(&body)?;
    // serde_json sorts keys, so the same request written in another order or spacing is still the same.
    let hash = digest(&SHA256, body.to_string().as_bytes());
    let idempotency = key.as_deref().map(|key| Idempotency { key, request_hash: hash.as_ref() });
    match state.db.trigger_build(&actor, &asked, idempotency).await {
        Ok(build) => {
            state.wake.queue_changed();
            state.events.changed();
            Ok(BuildQueued {
                build_id: build.build_id,
                status: build.status,
                queue_id: build.queue_id,
                queue_key: build.queue_key,
                created_at: build.created_at,
            })
        }
        Err(error) => Err(refusal(state, &actor, asked.project_id, error).await),
    }
}

/// Whoever a bearer or an `apikey` proves. A console's cookie is for its own pages, and the publishable key is nobody's.
fn caller(headers: &HeaderMap, actor: Option<&Actor>) -> Result<Actor, ApiError> {
    match actor {
        None | Some(Actor::Anonymous) if headers.contains_key(header::AUTHORIZATION) => Err(ApiError::unauthorized(
            "This bearer token is nobody's: send a user's access token, an API token or the service key",
        )),
        None | Some(Actor::Anonymous) => Err(ApiError::unauthorized("Missing bearer token")),
        Some(actor) => Ok(actor.clone()),
    }
}

fn read(body: &Value) -> Result<NewBuild, ApiError> {
    let Value::Object(fields) = body else {
        return Err(ApiError::bad_request(
            "The body must be a JSON object such as {\"project_id\": …, \"branch_id\": …}",
        ));
    };
    let trigger = match text(fields, "trigger")? {
        None | Some("manual") => Trigger::Manual,
        Some("api") => Trigger::Api,
        Some(other) => {
            return Err(ApiError::bad_request(format!("trigger is {other:?}: it must be \"manual\" or \"api\"")));
        }
    };
    Ok(NewBuild {
        project_id: id(fields, "project_id")?,
        branch_id: id(fields, "branch_id")?,
        trigger,
        commit_sha: text(fields, "commit_sha")?.map(str::to_owned),
        commit_message: None,
        params: params(fields)?,
        priority: PRIORITY,
    })
}

fn id(fields: &Map<String, Value>, name: &str) -> Result<Uuid, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Err(ApiError::bad_request(format!("{name} is required"))),
        Some(value) => value
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| ApiError::bad_request(format!("{name} must be a UUID, not {value}"))),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(ApiError::bad_request(format!("{name} must be a string, not {other}"))),
    }
}

fn params(fields: &Map<String, Value>) -> Result<Value, ApiError> {
    let params = match fields.get("params") {
        None | Some(Value::Null) => return Ok(json!({})),
        Some(Value::Object(params)) => params,
        Some(other) => return Err(ApiError::bad_request(format!("params must be an object, not {other}"))),
    };
    one_of(params, "target", &["build", "deploy", "promote"])?;
    one_of(params, "env", &["dev", "stage", "prod"])?;
    match params.get("force") {
        None | Some(Value::Null | Value::Bool(_)) => {}
        Some(other) => return Err(ApiError::bad_request(format!("params.force must be true or false, not {other}"))),
    }
    // A null says nothing, so it is not kept.
    Ok(params.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn one_of(params: &Map<String, Value>, name: &str, allowed: &[&str]) -> Result<(), ApiError> {
    match params.get(name) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if allowed.contains(&text.as_str()) => Ok(()),
        Some(other) => {
            Err(ApiError::bad_request(format!("params.{name} is {other}: it must be one of {}", allowed.join(", "))))
        }
    }
}

/// A project the caller cannot see is 403 here, whether it exists or not, where the rest of the API says 404.
async fn refusal(state: &AppState, actor: &Actor, project_id: Uuid, error: DbError) -> ApiError {
    if !matches!(error, DbError::NotFound(_)) {
        return error.into();
    }
    match state.db.may_see_project(actor, project_id).await {
        Ok(true) => error.into(),
        Ok(false) => ApiError::forbidden(format!("You have no access to a project {project_id}")),
        Err(error) => error.into(),
    }
}

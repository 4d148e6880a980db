//! `POST /runner/v1/register`: a machine offers to run builds, and gets the token it claims with.

use axum::extract::State;
use plimsoll_core::protocol::{Register, Registered};
use plimsoll_db::{Actor, Scope};
use uuid::Uuid;

use super::storable;
use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;
use crate::tokens::{self, Kind};

const MAX_NAME_CHARS: usize = 200;
const MAX_SLOTS: u32 = 1_000;

/// Registers a runner; its token is shown once.
#[utoipa::path(
    post, path = "/runner/v1/register", tag = "runner", request_body = serde_json::Value,
    responses(
        (status = 200, description = "`{runner_id, runner_token}`; the token is shown once", body = serde_json::Value),
        (status = 403, description = "The token may not register runners", body = crate::ErrorBody),
    )
)]
pub(crate) async fn register_runner(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Json(mut body): Json<Register>,
) -> Result<Json<Registered>, ApiError> {
    let org_id = bound_to(&actor)?;
    if body.name.trim().is_empty() {
        return Err(ApiError::bad_request("name must say which runner this is, such as the machine's host name"));
    }
    if !(1..=MAX_SLOTS).contains(&body.slots) {
        return Err(ApiError::bad_request(format!(
            "slots is {}: a runner runs 1 to {MAX_SLOTS} builds at a time",
            body.slots
        )));
    }
    for text in [&mut body.name, &mut body.version, &mut body.os, &mut body.arch, &mut body.host] {
        *text = storable(text, MAX_NAME_CHARS);
    }
    let runner_token = tokens::generate(Kind::Runner);
    let runner_id = state.db.register_runner(org_id, &body, &tokens::hash(&runner_token)).await?;
    tracing::info!(runner.id = %runner_id, runner.name = body.name, "a runner registered");
    Ok(Json(Registered { runner_id, runner_token }))
}

/// The org whose builds it may run; `None` for a runner that serves every org.
fn bound_to(actor: &Actor) -> Result<Option<Uuid>, ApiError> {
    match actor {
        Actor::Service => Ok(None),
        Actor::Token { org_id, scopes, .. } if scopes.iter().any(|scope| scope == Scope::Runner.as_str()) => {
            Ok(Some(*org_id))
        }
        _ => Err(ApiError::forbidden(
            "runners register with an API token that has the scope runner (Settings, Tokens), or with the service key",
        )),
    }
}

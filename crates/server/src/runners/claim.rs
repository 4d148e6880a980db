//! `POST /runner/v1/claim`: the next build to run, waiting for one if need be.
//!
//! While it waits it holds no database connection: it looks, sleeps until this process queued something or a second has
//! passed (another replica may have), and looks again.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use plimsoll_core::protocol::{Claim, MAX_CLAIM_WAIT_SECONDS};
use plimsoll_db::DbError;
use plimsoll_db::queue::ClaimedRun;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::{WaitQuery, not_good};
use crate::attempt_token::{self, Attempt};
use crate::auth::identify::bearer;
use crate::error::ApiError;
use crate::extract::{Json, Query};
use crate::project_secret_owner;
use crate::state::AppState;
use crate::tokens::{self, Kind};

/// Between looks when nothing was heard of.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Waits for a build to run, and claims it.
#[utoipa::path(
    post, path = "/runner/v1/claim", tag = "runner", params(WaitQuery),
    responses(
        (status = 200, description = "A build to run, with its attempt token and secrets", body = serde_json::Value),
        (status = 204, description = "Nothing came up"),
        (status = 401, description = "Not a registered runner's token", body = crate::ErrorBody),
    )
)]
pub(crate) async fn claim_build(
    State(state): State<AppState>,
    RegisteredRunner(runner_id): RegisteredRunner,
    Query(query): Query<WaitQuery>,
) -> Result<Response, ApiError> {
    let wait = Duration::from_secs(query.wait_seconds.unwrap_or(0).min(MAX_CLAIM_WAIT_SECONDS));
    let until = Instant::now() + wait;
    loop {
        // Before looking: a build queued while we look must wake us after.
        let queued = state.wake.queue.notified();
        tokio::pin!(queued);
        queued.as_mut().enable();
        if state.shutdown.is_cancelled() {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        if let Some(claim) = look(&state, runner_id).await? {
            return Ok(Json(claim).into_response());
        }
        let now = Instant::now();
        if now >= until {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        tokio::select! {
            () = queued => {}
            () = tokio::time::sleep_until(until.min(now + LOOK_INTERVAL)) => {}
            () = state.shutdown.cancelled() => {}
        }
    }
}

/// A registered runner, by its token.
pub(crate) struct RegisteredRunner(Uuid);

impl FromRequestParts<AppState> for RegisteredRunner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)?.filter(|token| tokens::is_well_formed(Kind::Runner, token));
        let known = match token {
            Some(token) => state.db.authenticate_runner(&tokens::hash(token)).await?,
            None => None,
        };
        match known {
            Some(runner) => Ok(Self(runner.runner_id)),
            None => Err(not_good(
                state,
                &parts.extensions,
                "send the runner_token from register as `Authorization: Bearer plim_run_…`; a removed runner registers again",
            )),
        }
    }
}

/// Tries once, in a task of its own: a runner that goes away while the database decides must not leave a build to a
/// lease nobody holds, so whoever finds that nobody waits for the claim gives it back.
async fn look(state: &AppState, runner_id: Uuid) -> Result<Option<Claim>, ApiError> {
    let (answer, answered) = oneshot::channel();
    let state = state.clone();
    tokio::spawn(async move {
        let found = take(&state, runner_id).await;
        if let Err(Ok(Some(unwanted))) = answer.send(found) {
            give_back(&state, unwanted.build_id, unwanted.fencing_token, "the runner went away as it claimed").await;
        }
    });
    answered.await.map_err(ApiError::internal)?
}

async fn take(state: &AppState, runner_id: Uuid) -> Result<Option<Claim>, ApiError> {
    let Some(run) = state.db.claim_for_runner(runner_id, state.config.lease_seconds as i32).await? else {
        return Ok(None);
    };
    state.logs.changed(run.build_id);
    state.events.changed();
    match secrets(state, run.project_id).await {
        Ok(secrets) => Ok(Some(granted(state, run, secrets))),
        Err(error) => {
            give_back(state, run.build_id, run.fencing_token, error.message()).await;
            Err(error)
        }
    }
}

async fn secrets(state: &AppState, project_id: Uuid) -> Result<BTreeMap<String, String>, ApiError> {
    let mut opened = BTreeMap::new();
    for (name, sealed) in state.db.sealed_project_secrets(project_id).await? {
        let text = state
            .keys
            .open(&project_secret_owner(project_id, &name), &sealed)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(text) = text else {
            let message = format!("the project's secret {name} cannot be opened with this server's key: set it again");
            return Err(ApiError::unavailable(message.clone(), message));
        };
        opened.insert(name, text);
    }
    Ok(opened)
}

fn granted(state: &AppState, run: ClaimedRun, secrets: BTreeMap<String, String>) -> Claim {
    let attempt = Attempt { build_id: run.build_id, token: run.fencing_token };
    Claim {
        build_id: run.build_id,
        queue_id: run.queue_id,
        org_id: run.org_id,
        project_id: run.project_id,
        project_slug: run.project_slug,
        branch_id: run.branch_id,
        branch_name: run.branch_name,
        build_number: run.build_number,
        repo_url: run.repo_url,
        commit_sha: run.commit_sha,
        attempt: run.attempt,
        attempt_token: attempt_token::issue(state.keys.jwt_secret().as_bytes(), attempt),
        fencing_token: run.fencing_token,
        lease_seconds: state.config.lease_seconds.into(),
        heartbeat_seconds: (u64::from(state.config.lease_seconds) / 6).max(1),
        next_line: run.next_line,
        secrets,
        params: run.params,
        max_log_bytes: state.config.max_log_bytes,
    }
}

/// Returns a claim that will not be worked on. When that fails too, the lease ends by itself.
async fn give_back(state: &AppState, build_id: Uuid, token: i64, message: &str) {
    let given_back: Result<_, DbError> = state.db.release_run(build_id, token, Some(Timestamp::now()), message).await;
    match given_back {
        Ok(_) => tracing::info!(build.id = %build_id, reason = message, "a claim was given back"),
        Err(error) => {
            tracing::warn!(build.id = %build_id, %error, "a claim could not be given back, its lease will end")
        }
    }
    state.wake.queue_changed();
}

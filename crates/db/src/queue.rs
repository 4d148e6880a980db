//! The queue: builds in, leases out, and what ends them. Decided in `db/functions/queue`; see ARCHITECTURE.md.

use jiff::Timestamp;
use plimsoll_core::status::{BuildStatus, FailureReason, Trigger};
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, DbError, Result};

/// A build to be made and queued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBuild {
    pub project_id: Uuid,
    pub branch_id: Uuid,
    pub trigger: Trigger,
    /// Absent: the newest commit of the branch, as the runner finds it.
    pub commit_sha: Option<String>,
    pub commit_message: Option<String>,
    /// An object with `target`, `env`, `force`, each optional.
    pub params: serde_json::Value,
    /// 1 (highest) to 10.
    pub priority: i32,
}

impl NewBuild {
    /// A manual build of the branch's newest commit.
    pub fn manual(project_id: Uuid, branch_id: Uuid) -> Self {
        Self {
            project_id,
            branch_id,
            trigger: Trigger::Manual,
            commit_sha: None,
            commit_message: None,
            params: serde_json::json!({}),
            priority: 5,
        }
    }
}

/// What makes a repeated trigger harmless: the client's key, and a digest of what it asked for.
#[derive(Debug, Clone, Copy)]
pub struct Idempotency<'a> {
    /// 1 to 255 characters.
    pub key: &'a str,
    pub request_hash: &'a [u8],
}

/// A build that was made and queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triggered {
    pub build_id: Uuid,
    pub status: BuildStatus,
    pub queue_id: Uuid,
    /// `<project slug>/<branch>#<build number>`.
    pub queue_key: String,
    pub created_at: Timestamp,
    pub build_number: i32,
}

/// What `claim_next_run` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClaimedNext {
    pub queue_id: Uuid,
    pub build_id: Uuid,
    pub project_id: Uuid,
    pub branch_id: Uuid,
    pub fencing_token: i64,
}

/// A build handed to a registered runner, running from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedRun {
    pub build_id: Uuid,
    pub queue_id: Uuid,
    pub org_id: Uuid,
    pub project_id: Uuid,
    pub project_slug: String,
    pub branch_id: Uuid,
    pub branch_name: String,
    pub build_number: i32,
    pub repo_url: String,
    pub commit_sha: Option<String>,
    /// From 1.
    pub attempt: i32,
    pub fencing_token: i64,
    /// Number of the first line this attempt appends.
    pub next_line: i64,
    pub params: serde_json::Value,
}

/// A lease that was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewedLease {
    pub remaining_ms: i64,
    /// Present: stop, and finish as cancelled with this reason.
    pub cancel_reason: Option<FailureReason>,
    /// First log line that is not stored.
    pub next_line: i64,
}

/// A lease whose holder was not heard of in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredLease {
    pub build_id: Uuid,
    pub org_id: Uuid,
    pub token: i64,
    pub runner_id: String,
    pub attempt: i32,
    pub max_attempts: i32,
    pub renewed_at: Timestamp,
    pub expires_at: Timestamp,
    /// The database's clock.
    pub now: Timestamp,
}

impl ExpiredLease {
    /// How long the lease was granted for.
    pub fn lease_seconds(&self) -> i64 {
        self.expires_at.duration_since(self.renewed_at).as_secs()
    }
}

/// What a cancel did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancel {
    /// The build is over.
    Cancelled,
    /// Its runner was asked to stop.
    Cancelling,
}

/// What holds a queued build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyQueued {
    pub reason: WaitReason,
    /// A sentence for people, with the figures in it.
    pub message: String,
    /// Its place in the org's queue, from 1.
    pub position: Option<i64>,
    /// Builds of the org that run now, and how many may.
    pub running: i64,
    pub limit: i64,
    pub blocking_build_id: Option<Uuid>,
    pub next_attempt_at: Option<Timestamp>,
    /// Seconds until it may start, from the branch's recent builds; absent where nothing is known.
    pub estimate_seconds: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    NoRunner,
    OrgLimit,
    BranchBusy,
    Backoff,
    Waiting,
    NotQueued,
}

const ENQUEUE_BUILD: &str = "select ops.enqueue_build($1, $2)";
const TRIGGER_BUILD: &str = "select ops.trigger_build($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const CLAIM_NEXT_RUN: &str = "select * from ops.claim_next_run($1)";
const CLAIM_FOR_RUNNER: &str = "select * from ops.claim_for_runner($1, $2)";
const RENEW_LEASE: &str = "select * from ops.renew_lease($1, $2, $3)";
const SET_BUILD_STATUS: &str = "select ops.set_build_status($1, $2, $3, $4)";
const FINISH_RUN: &str = "select ops.finish_run($1, $2, $3, $4, $5, $6)";
const RELEASE_RUN: &str = "select ops.release_run($1, $2, $3, $4)";
const EXPIRED_LEASES: &str = "select * from ops.expired_leases($1)";
const REQUEUE_RUN: &str = "select ops.requeue_run($1, $2, $3, $4)";
const FAIL_LOST_RUN: &str = "select ops.fail_lost_run($1, $2, $3)";
const PROMOTE_DUE_RUNS: &str = "select ops.promote_due_runs()";
const REQUEST_CANCEL: &str = "select ops.request_cancel($1)";
const REBUILD: &str = "select ops.rebuild($1)";
const WHY_QUEUED: &str = "select ops.why_queued($1)";
const SET_ORG_LIMIT: &str = "select ops.set_org_limit($1, $2)";
const ORG_LIMIT: &str = "select max_running from ops.queue_lanes where org_id = $1";
const RECORD_FENCED_WRITE: &str = "select ops.record_fenced_write($1, $2, $3, $4)";

/// What people do.
impl Db {
    /// Queues a build that was made without; answers the queue id, the same when repeated. Developer and up.
    pub async fn enqueue_build(&self, actor: &Actor, build_id: Uuid, priority: i32) -> Result<Uuid> {
        let row = self.query_one(actor, ENQUEUE_BUILD, &[(&build_id, Type::UUID), (&priority, Type::INT4)]).await?;
        Ok(row.try_get(0)?)
    }

    /// Makes and queues a build. With `idempotency`, the same request again answers the first result, and another one
    /// under the same key is [`DbError::Conflict`]. Developer and up.
    pub async fn trigger_build(
        &self,
        actor: &Actor,
        build: &NewBuild,
        idempotency: Option<Idempotency<'_>>,
    ) -> Result<Triggered> {
        let row = self
            .query_one(
                actor,
                TRIGGER_BUILD,
                &[
                    (&build.project_id, Type::UUID),
                    (&build.branch_id, Type::UUID),
                    (&build.trigger.as_str(), Type::TEXT),
                    (&build.commit_sha, Type::TEXT),
                    (&build.commit_message, Type::TEXT),
                    (&build.params, Type::JSONB),
                    (&build.priority, Type::INT4),
                    (&idempotency.map(|i| i.key), Type::TEXT),
                    (&idempotency.map(|i| i.request_hash), Type::BYTEA),
                ],
            )
            .await?;
        json(&row)
    }

    /// Cancels a queued build at once, or asks the runner of a running one to stop. Developer and up.
    pub async fn request_cancel(&self, actor: &Actor, build_id: Uuid) -> Result<Cancel> {
        let row = self.query_one(actor, REQUEST_CANCEL, &[(&build_id, Type::UUID)]).await?;
        match row.try_get(0)? {
            "cancelled" => Ok(Cancel::Cancelled),
            "cancelling" => Ok(Cancel::Cancelling),
            other => Err(DbError::Decode(format!("request_cancel answered {other:?}"))),
        }
    }

    /// Queues a new build of the same commit; answers its id. Developer and up.
    pub async fn rebuild(&self, actor: &Actor, build_id: Uuid) -> Result<Uuid> {
        Ok(self.query_one(actor, REBUILD, &[(&build_id, Type::UUID)]).await?.try_get(0)?)
    }

    /// What holds a queued build. Viewer and up.
    pub async fn why_queued(&self, actor: &Actor, build_id: Uuid) -> Result<WhyQueued> {
        json(&self.query_one(actor, WHY_QUEUED, &[(&build_id, Type::UUID)]).await?)
    }

    /// How many builds of the org may run at a time, 0 to 10,000. Admin and up.
    pub async fn set_org_limit(&self, actor: &Actor, org_id: Uuid, max_running: i32) -> Result<()> {
        self.query_one(actor, SET_ORG_LIMIT, &[(&org_id, Type::UUID), (&max_running, Type::INT4)]).await?;
        Ok(())
    }

    /// How many builds of the org may run at a time; `None` for those who may not see it.
    pub async fn org_limit(&self, actor: &Actor, org_id: Uuid) -> Result<Option<i32>> {
        let rows = self.query(actor, ORG_LIMIT, &[(&org_id, Type::UUID)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }
}

/// What runners do, through the server.
impl Db {
    /// Claims the next build without starting it, under a lease of 30 s; `None` when nothing may be claimed.
    pub async fn claim_next_run(&self, runner_id: &str) -> Result<Option<ClaimedNext>> {
        let rows = self.query_as_server(CLAIM_NEXT_RUN, &[(&runner_id, Type::TEXT)]).await?;
        rows.first()
            .map(|row| {
                Ok(ClaimedNext {
                    queue_id: row.try_get("queue_id")?,
                    build_id: row.try_get("build_id")?,
                    project_id: row.try_get("project_id")?,
                    branch_id: row.try_get("branch_id")?,
                    fencing_token: row.try_get("fencing_token")?,
                })
            })
            .transpose()
    }

    /// Claims and starts the next build that this registered runner may run; `None` when there is none.
    /// [`DbError::Forbidden`] when the runner was removed.
    pub async fn claim_for_runner(&self, runner_id: Uuid, lease_seconds: i32) -> Result<Option<ClaimedRun>> {
        let rows =
            self.query_as_server(CLAIM_FOR_RUNNER, &[(&runner_id, Type::UUID), (&lease_seconds, Type::INT4)]).await?;
        rows.first().map(claimed_run).transpose()
    }

    /// Extends a live lease; [`DbError::StaleToken`] when it is over.
    pub async fn renew_lease(&self, build_id: Uuid, token: i64, lease_seconds: i32) -> Result<RenewedLease> {
        let row = self
            .query_one_as_server(
                RENEW_LEASE,
                &[(&build_id, Type::UUID), (&token, Type::INT8), (&lease_seconds, Type::INT4)],
            )
            .await?;
        let cancel_reason: Option<&str> = row.try_get("cancel_reason")?;
        Ok(RenewedLease {
            remaining_ms: row.try_get("remaining_ms")?,
            cancel_reason: cancel_reason
                .map(|reason| reason.parse().map_err(|e| DbError::Decode(format!("ops.leases.cancel_reason: {e}"))))
                .transpose()?,
            next_line: row.try_get("next_line")?,
        })
    }

    /// Moves a build along `queued → running → success | failed | cancelled`; any other step is
    /// [`DbError::Conflict`], naming both states.
    pub async fn set_build_status(
        &self,
        build_id: Uuid,
        status: BuildStatus,
        error_message: Option<&str>,
        token: Option<i64>,
    ) -> Result<()> {
        self.query_one_as_server(
            SET_BUILD_STATUS,
            &[
                (&build_id, Type::UUID),
                (&status.as_str(), Type::TEXT),
                (&error_message, Type::TEXT),
                (&token, Type::INT8),
            ],
        )
        .await?;
        Ok(())
    }

    /// Ends a run as success, failed or cancelled. `next_line` is one past the last line appended: where lines before
    /// it are missing the answer is [`DbError::LineGap`]. Repeating it is harmless.
    pub async fn finish_run(
        &self,
        build_id: Uuid,
        token: i64,
        status: BuildStatus,
        reason: Option<FailureReason>,
        message: Option<&str>,
        next_line: i64,
    ) -> Result<()> {
        self.query_one_as_server(
            FINISH_RUN,
            &[
                (&build_id, Type::UUID),
                (&token, Type::INT8),
                (&status.as_str(), Type::TEXT),
                (&reason.map(FailureReason::as_str), Type::TEXT),
                (&message, Type::TEXT),
                (&next_line, Type::INT8),
            ],
        )
        .await?;
        Ok(())
    }

    /// The runner gives back a build it could not run: queued again from `next_attempt_at` on, or failed when attempts
    /// are used up or the time is absent. Answers where the build stands.
    pub async fn release_run(
        &self,
        build_id: Uuid,
        token: i64,
        next_attempt_at: Option<Timestamp>,
        message: &str,
    ) -> Result<BuildStatus> {
        let row = self
            .query_one_as_server(
                RELEASE_RUN,
                &[
                    (&build_id, Type::UUID),
                    (&token, Type::INT8),
                    (&next_attempt_at, Type::TIMESTAMPTZ),
                    (&message, Type::TEXT),
                ],
            )
            .await?;
        let status: &str = row.try_get(0)?;
        status.parse().map_err(|e| DbError::Decode(format!("ops.builds.status: {e}")))
    }

    /// Notes a write that was refused because its fencing token is not the live one. Without `runner_id`, the holder
    /// of that token is looked up.
    pub async fn record_fenced_write(
        &self,
        build_id: Uuid,
        token: i64,
        operation: &str,
        runner_id: Option<&str>,
    ) -> Result<()> {
        self.query_one_as_server(
            RECORD_FENCED_WRITE,
            &[(&build_id, Type::UUID), (&token, Type::INT8), (&operation, Type::TEXT), (&runner_id, Type::TEXT)],
        )
        .await?;
        Ok(())
    }
}

/// What the engine does.
impl Db {
    /// Leases that ran out, oldest first, at most `limit`.
    pub async fn expired_leases(&self, limit: i64) -> Result<Vec<ExpiredLease>> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let rows = self.query_as_server(EXPIRED_LEASES, &[(&limit, Type::INT4)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ExpiredLease {
                    build_id: row.try_get("build_id")?,
                    org_id: row.try_get("org_id")?,
                    token: row.try_get("token")?,
                    runner_id: row.try_get("runner_id")?,
                    attempt: row.try_get("attempt")?,
                    max_attempts: row.try_get("max_attempts")?,
                    renewed_at: row.try_get("renewed_at")?,
                    expires_at: row.try_get("expires_at")?,
                    now: row.try_get("now")?,
                })
            })
            .collect()
    }

    /// Queues a lost build again, not before `next_attempt_at`. False, and nothing changed, when the lease was renewed
    /// or is over.
    pub async fn requeue_run(
        &self,
        build_id: Uuid,
        token: i64,
        next_attempt_at: Timestamp,
        detail: &str,
    ) -> Result<bool> {
        let row = self
            .query_one_as_server(
                REQUEUE_RUN,
                &[
                    (&build_id, Type::UUID),
                    (&token, Type::INT8),
                    (&next_attempt_at, Type::TIMESTAMPTZ),
                    (&detail, Type::TEXT),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Fails a lost build for good. False, and nothing changed, when the lease was renewed or is over.
    pub async fn fail_lost_run(&self, build_id: Uuid, token: i64, detail: &str) -> Result<bool> {
        let row = self
            .query_one_as_server(FAIL_LOST_RUN, &[(&build_id, Type::UUID), (&token, Type::INT8), (&detail, Type::TEXT)])
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Makes runs claimable whose wait is over; answers how many.
    pub async fn promote_due_runs(&self) -> Result<i32> {
        Ok(self.query_one_as_server(PROMOTE_DUE_RUNS, &[]).await?.try_get(0)?)
    }
}

fn claimed_run(row: &Row) -> Result<ClaimedRun> {
    Ok(ClaimedRun {
        build_id: row.try_get("build_id")?,
        queue_id: row.try_get("queue_id")?,
        org_id: row.try_get("org_id")?,
        project_id: row.try_get("project_id")?,
        project_slug: row.try_get("project_slug")?,
        branch_id: row.try_get("branch_id")?,
        branch_name: row.try_get("branch_name")?,
        build_number: row.try_get("build_number")?,
        repo_url: row.try_get("repo_url")?,
        commit_sha: row.try_get("commit_sha")?,
        attempt: row.try_get("attempt")?,
        fencing_token: row.try_get("fencing_token")?,
        next_line: row.try_get("next_line")?,
        params: row.try_get("params")?,
    })
}

/// The one jsonb column of a row, as a type.
fn json<T: serde::de::DeserializeOwned>(row: &Row) -> Result<T> {
    serde_json::from_value(row.try_get(0)?).map_err(|e| DbError::Decode(e.to_string()))
}

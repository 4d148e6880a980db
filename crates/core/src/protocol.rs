//! What runner and server say to each other, over HTTP with JSON bodies.
//!
//! | call | token | answer |
//! |---|---|---|
//! | `POST /runner/v1/register` [`Register`] | API token with scope `runner`, or the service key | [`Registered`] |
//! | `POST /runner/v1/claim?wait_seconds=N` [`ClaimRequest`] | runner token | 200 [`Claim`], 204 when nothing came up |
//! | `POST /runner/v1/attempts/{build_id}/heartbeat` [`Heartbeat`] | attempt token | [`HeartbeatAnswer`] |
//! | `POST /runner/v1/attempts/{build_id}/commit` [`Commit`] | attempt token | 204 |
//! | `PUT /runner/v1/attempts/{build_id}/steps` [`Steps`] | attempt token | 204 |
//! | `POST /runner/v1/attempts/{build_id}/logs` [`crate::log::Chunk`] | attempt token | [`Appended`] |
//! | `PUT /runner/v1/attempts/{build_id}/artifacts?name=&type=&sha256=&mime_type=` bytes | attempt token | [`Stored`] |
//! | `POST /runner/v1/attempts/{build_id}/tests` [`TestReport`] | attempt token | 204 |
//! | `POST /runner/v1/attempts/{build_id}/finish` [`Finish`] | attempt token | 204 |
//!
//! The attempt token proves (build, fencing token). Once the lease is another's, or over, every write answers 409
//! [`Refusal`] with code `stale_token`, and the refusal is recorded. Every write can be repeated: an append by its line number, steps
//! and tests as whole replacements, an artifact by name and digest, a finish with the same outcome.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::status::{FailureReason, Phase, SandboxLevel, StepStatus, TestOutcome};

/// How long a lease lasts without a heartbeat.
pub const LEASE_SECONDS: u64 = 30;
/// How often a runner renews.
pub const HEARTBEAT_SECONDS: u64 = 5;
/// Longest a claim waits on the server before it answers 204.
pub const MAX_CLAIM_WAIT_SECONDS: u64 = 30;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Register {
    pub name: String,
    pub version: String,
    pub os: String,
    pub arch: String,
    pub host: String,
    /// Builds it runs at a time.
    pub slots: u32,
    pub sandbox_level: SandboxLevel,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    pub runner_id: Uuid,
    /// Shown once; claims with it.
    pub runner_token: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Free slots, for the runner list; one claim hands out one build.
    pub free_slots: u32,
}

/// A build to run, and the proof of the right to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claim {
    pub build_id: Uuid,
    pub queue_id: Uuid,
    pub org_id: Uuid,
    pub project_id: Uuid,
    pub project_slug: String,
    pub branch_id: Uuid,
    pub branch_name: String,
    pub build_number: i32,
    pub repo_url: String,
    /// Absent: the newest commit of the branch.
    pub commit_sha: Option<String>,
    pub attempt: i32,
    /// Bearer for every write of this attempt.
    pub attempt_token: String,
    pub fencing_token: i64,
    pub lease_seconds: u64,
    pub heartbeat_seconds: u64,
    /// Number of the first line this attempt appends.
    pub next_line: i64,
    /// Name to value: put into the environment of steps and masked in everything that leaves the runner.
    pub secrets: BTreeMap<String, String>,
    /// As given to the trigger (`target`, `env`, `force`); steps see them as `PLIMSOLL_PARAM_…`.
    pub params: serde_json::Value,
    /// Most bytes of log before the build is failed with `log_limit`.
    pub max_log_bytes: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Heartbeat {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeartbeatAnswer {
    pub lease_remaining_ms: i64,
    /// Present: stop what runs, then finish as cancelled with this reason.
    pub cancel: Option<FailureReason>,
    /// First line the server does not have.
    pub next_line: i64,
}

/// What was checked out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commit {
    pub sha: String,
    /// First 2,000 characters of the message.
    pub message: String,
    pub author: String,
    /// Recipe name or `plimsoll.toml`.
    pub recipe: Option<String>,
    pub sandbox_level: SandboxLevel,
}

/// All steps of the attempt as they stand: replaces what was sent before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    pub phase: Phase,
    pub command: Option<String>,
    pub status: StepStatus,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub exit_code: Option<i32>,
    pub first_line: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Appended {
    /// First line the server does not have. After a gap or an overlap, send on from here.
    pub next_line: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stored {
    pub artifact_id: Uuid,
}

/// The tests a build ran. Counts are taken from the cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    pub execution_time_seconds: f64,
    pub cases: Vec<TestCase>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestCase {
    pub suite: String,
    pub name: String,
    pub outcome: TestOutcome,
    pub duration_seconds: f64,
    pub failure: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    Success,
    Failed {
        reason: FailureReason,
        message: String,
    },
    Cancelled {
        reason: FailureReason,
        message: String,
    },
    /// The runner could not do its part (disk full, sandbox broken): the build is tried again, up to its limit.
    Infrastructure {
        message: String,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finish {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// One past the last line appended: the server refuses a finish whose lines have not all arrived.
    pub next_line: i64,
}

/// Body of every error of the runner protocol.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refusal {
    pub error: String,
    /// `stale_token`, `line_gap`, `log_limit`, `unauthorized`, `bad_request`, `too_large`, `unavailable`.
    pub code: String,
    /// With `line_gap`: first line the server does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_line: Option<i64>,
}

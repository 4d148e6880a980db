//! `ops.build_detail` as it is answered.

use jiff::Timestamp;
use plimsoll_core::status::{BuildStatus, Stage, StepStatus};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Deserialize)]
pub(super) struct Detail {
    pub(super) build: Build,
    pub(super) org: Named,
    pub(super) project: Named,
    pub(super) branch: Branch,
    pub(super) lease: Option<Lease>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) steps: Vec<Step>,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) fenced_writes: Vec<FencedWrite>,
    /// Number of the line that the log goes on with.
    pub(super) next_line: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Build {
    pub(super) id: Uuid,
    pub(super) build_number: i32,
    pub(super) status: BuildStatus,
    pub(super) failure_reason: Option<String>,
    pub(super) trigger: String,
    pub(super) commit_sha: Option<String>,
    pub(super) commit_message: Option<String>,
    pub(super) commit_author: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) error_message: Option<String>,
    pub(super) test_results: Option<Value>,
    pub(super) recipe: Option<String>,
    pub(super) sandbox_level: Option<String>,
    pub(super) rebuild_of: Option<Uuid>,
    pub(super) first_error_line: Option<i64>,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) slug: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Branch {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) stage: Stage,
}

#[derive(Debug, Deserialize)]
pub(super) struct Lease {
    pub(super) attempt: i32,
    pub(super) token: i64,
    pub(super) runner_id: String,
    pub(super) runner_name: Option<String>,
    pub(super) claimed_at: Timestamp,
    pub(super) cancel_requested_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Attempt {
    pub(super) attempt: i32,
    pub(super) token: i64,
    pub(super) runner_id: String,
    pub(super) runner_name: Option<String>,
    pub(super) claimed_at: Timestamp,
    pub(super) outcome: String,
    pub(super) detail: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) phase: String,
    pub(super) command: Option<String>,
    pub(super) status: StepStatus,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) exit_code: Option<i32>,
    pub(super) first_line: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Artifact {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) r#type: String,
    pub(super) size_bytes: i64,
    pub(super) sha256: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct FencedWrite {
    pub(super) operation: String,
    pub(super) token: i64,
    pub(super) live_token: Option<i64>,
    pub(super) runner_id: Option<String>,
    pub(super) refused_at: Timestamp,
}

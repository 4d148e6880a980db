//! Builds as pages show them, and what their runners report.

use jiff::Timestamp;
use plimsoll_core::protocol::{Commit, Step, TestReport};
use plimsoll_core::status::{BuildStatus, TestOutcome};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::runners::NewArtifact;
use crate::{Actor, Db, DbError, Result};

/// A row of a project's list of builds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildRow {
    pub id: Uuid,
    pub org_id: Uuid,
    pub project_id: Uuid,
    pub branch_id: Uuid,
    pub branch_name: String,
    pub stage: String,
    pub build_number: i32,
    pub status: String,
    pub failure_reason: Option<String>,
    pub trigger: String,
    pub commit_sha: Option<String>,
    pub commit_message: Option<String>,
    pub commit_author: Option<String>,
    pub pr_number: Option<i32>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub duration_seconds: Option<i32>,
    pub error_message: Option<String>,
    /// `{total, passed, failed, skipped, execution_time_seconds}` where the build ran tests.
    pub test_results: Option<serde_json::Value>,
    /// Running, and asked to stop.
    pub cancel_requested: bool,
    pub created_by: Option<Uuid>,
    pub created_at: Timestamp,
}

/// Which of a project's builds to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuildFilter {
    pub branch_id: Option<Uuid>,
    pub status: Option<BuildStatus>,
    /// Only builds created before: the `created_at` of the last row of the page before.
    pub before: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildTest {
    pub suite: String,
    pub name: String,
    pub outcome: TestOutcome,
    pub duration_seconds: f64,
    pub failure: Option<String>,
    /// Failed, and passed in the branch's previous build with tests.
    pub newly_failed: bool,
}

/// Where an artifact's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactLocation {
    pub build_id: Uuid,
    pub name: String,
    pub storage_path: String,
    pub size_bytes: i64,
    pub mime_type: String,
    pub sha256: String,
}

const BUILD_DETAIL: &str = "select ops.build_detail($1)";
const PROJECT_BUILDS: &str = "select * from ops.project_builds($1, $2, $3, $4, $5)";
const BUILD_TESTS: &str = "select * from ops.build_tests($1)";
const ARTIFACT_LOCATION: &str = "select * from ops.artifact_location($1)";
const RECORD_COMMIT: &str = "select ops.record_commit($1, $2, $3, $4, $5, $6, $7)";
const RECORD_STEPS: &str = "select ops.record_steps($1, $2, $3)";
const RECORD_TESTS: &str = "select ops.record_tests($1, $2, $3)";
const RECORD_ARTIFACT: &str = "select ops.record_artifact($1, $2, $3, $4, $5, $6, $7, $8)";

/// What people read.
impl Db {
    /// Everything the page of one build shows besides log and tests, as `ops.build_detail` documents it: `build`,
    /// `org`, `project`, `branch`, `queue`, `lease`, `attempts`, `steps`, `artifacts`, `fenced_writes`, `rebuilds`,
    /// `next_line`. Viewer and up.
    pub async fn build_detail(&self, actor: &Actor, build_id: Uuid) -> Result<serde_json::Value> {
        Ok(self.query_one(actor, BUILD_DETAIL, &[(&build_id, Type::UUID)]).await?.try_get(0)?)
    }

    /// A project's builds, newest first, at most `limit` (500 at the most). Viewer and up.
    pub async fn project_builds(
        &self,
        actor: &Actor,
        project_id: Uuid,
        filter: BuildFilter,
        limit: i32,
    ) -> Result<Vec<BuildRow>> {
        let params = [
            (&project_id as _, Type::UUID),
            (&filter.branch_id as _, Type::UUID),
            (&filter.status.map(BuildStatus::as_str) as _, Type::TEXT),
            (&limit as _, Type::INT4),
            (&filter.before as _, Type::TIMESTAMPTZ),
        ];
        self.query(actor, PROJECT_BUILDS, &params).await?.iter().map(build_row).collect()
    }

    /// The tests of a build: newly failing first, then other failures, skipped, passed. Viewer and up.
    pub async fn build_tests(&self, actor: &Actor, build_id: Uuid) -> Result<Vec<BuildTest>> {
        self.query(actor, BUILD_TESTS, &[(&build_id, Type::UUID)])
            .await?
            .iter()
            .map(|row| {
                let outcome: &str = row.try_get("outcome")?;
                Ok(BuildTest {
                    suite: row.try_get("suite")?,
                    name: row.try_get("name")?,
                    outcome: outcome
                        .parse()
                        .map_err(|e| DbError::Decode(format!("metrics.test_cases.outcome: {e}")))?,
                    duration_seconds: row.try_get("duration_seconds")?,
                    failure: row.try_get("failure")?,
                    newly_failed: row.try_get("newly_failed")?,
                })
            })
            .collect()
    }

    /// Where an artifact's bytes are. Viewer and up.
    pub async fn artifact_location(&self, actor: &Actor, artifact_id: Uuid) -> Result<ArtifactLocation> {
        let row = self.query_one(actor, ARTIFACT_LOCATION, &[(&artifact_id, Type::UUID)]).await?;
        Ok(ArtifactLocation {
            build_id: row.try_get("build_id")?,
            name: row.try_get("name")?,
            storage_path: row.try_get("storage_path")?,
            size_bytes: row.try_get("size_bytes")?,
            mime_type: row.try_get("mime_type")?,
            sha256: row.try_get("sha256")?,
        })
    }
}

/// What runners report. All refuse a token that is not the live lease's with [`DbError::StaleToken`], and can be
/// repeated.
impl Db {
    pub async fn record_commit(&self, build_id: Uuid, token: i64, commit: &Commit) -> Result<()> {
        self.query_one_as_server(
            RECORD_COMMIT,
            &[
                (&build_id, Type::UUID),
                (&token, Type::INT8),
                (&commit.sha, Type::TEXT),
                (&commit.message, Type::TEXT),
                (&commit.author, Type::TEXT),
                (&commit.recipe, Type::TEXT),
                (&commit.sandbox_level.as_str(), Type::TEXT),
            ],
        )
        .await?;
        Ok(())
    }

    /// Replaces the attempt's steps.
    pub async fn record_steps(&self, build_id: Uuid, token: i64, steps: &[Step]) -> Result<()> {
        let steps = serde_json::json!(steps);
        self.query_one_as_server(RECORD_STEPS, &[(&build_id, Type::UUID), (&token, Type::INT8), (&steps, Type::JSONB)])
            .await?;
        Ok(())
    }

    /// Replaces the build's tests.
    pub async fn record_tests(&self, build_id: Uuid, token: i64, report: &TestReport) -> Result<()> {
        let report = serde_json::json!(report);
        self.query_one_as_server(
            RECORD_TESTS,
            &[(&build_id, Type::UUID), (&token, Type::INT8), (&report, Type::JSONB)],
        )
        .await?;
        Ok(())
    }

    /// Notes an artifact whose bytes are stored; the same name again replaces it. Answers its id.
    pub async fn record_artifact(&self, build_id: Uuid, token: i64, artifact: &NewArtifact) -> Result<Uuid> {
        let row = self
            .query_one_as_server(
                RECORD_ARTIFACT,
                &[
                    (&build_id, Type::UUID),
                    (&token, Type::INT8),
                    (&artifact.r#type.as_str(), Type::TEXT),
                    (&artifact.name, Type::TEXT),
                    (&artifact.storage_path, Type::TEXT),
                    (&artifact.size_bytes, Type::INT8),
                    (&artifact.mime_type, Type::TEXT),
                    (&artifact.sha256, Type::TEXT),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }
}

fn build_row(row: &Row) -> Result<BuildRow> {
    Ok(BuildRow {
        id: row.try_get("id")?,
        org_id: row.try_get("org_id")?,
        project_id: row.try_get("project_id")?,
        branch_id: row.try_get("branch_id")?,
        branch_name: row.try_get("branch_name")?,
        stage: row.try_get("stage")?,
        build_number: row.try_get("build_number")?,
        status: row.try_get("status")?,
        failure_reason: row.try_get("failure_reason")?,
        trigger: row.try_get("trigger")?,
        commit_sha: row.try_get("commit_sha")?,
        commit_message: row.try_get("commit_message")?,
        commit_author: row.try_get("commit_author")?,
        pr_number: row.try_get("pr_number")?,
        started_at: row.try_get("started_at")?,
        finished_at: row.try_get("finished_at")?,
        duration_seconds: row.try_get("duration_seconds")?,
        error_message: row.try_get("error_message")?,
        test_results: row.try_get("test_results")?,
        cancel_requested: row.try_get("cancel_requested")?,
        created_by: row.try_get("created_by")?,
        created_at: row.try_get("created_at")?,
    })
}

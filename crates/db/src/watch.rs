//! What live streams poll: where builds stand, and whether a caller may still see them.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, Result};

/// Where one build stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuildState {
    pub id: Uuid,
    pub org_id: Uuid,
    pub project_id: Uuid,
    pub branch_id: Uuid,
    pub build_number: i32,
    pub status: String,
    pub failure_reason: Option<String>,
    pub error_message: Option<String>,
    /// The attempt that runs or ran last, from 1; 0 before the first.
    pub attempt: i32,
    /// Somebody asked the running attempt to stop.
    pub cancel_requested: bool,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub duration_seconds: Option<i32>,
}

impl BuildState {
    /// Nothing about the build changes any more.
    pub const fn is_finished(&self) -> bool {
        self.finished_at.is_some()
    }
}

const BUILD_STATE: &str = "select * from ops.build_state($1)";
const CHANGED_BUILDS: &str = "select * from ops.changed_builds($1, $2)";
const MAY_SEE_BUILD: &str = "select exists (select from ops.builds where id = $1)";
const MAY_SEE_PROJECT: &str = "select exists (select from ops.projects where id = $1)";
const VISIBLE_ORGS: &str = "select id from registry.orgs";
const LEASE_IS_LIVE: &str = "
    select exists (select from ops.leases where build_id = $1 and token = $2 and expires_at > clock_timestamp())";

impl Db {
    /// Where the build stands and the number of the line its log goes on with; `None` when it does not exist.
    /// For the server: whoever is shown the answer must have been checked.
    pub async fn build_state(&self, build_id: Uuid) -> Result<Option<(BuildState, i64)>> {
        let rows = self.query_as_server(BUILD_STATE, &[(&build_id, Type::UUID)]).await?;
        rows.first().map(|row| Ok((state(row)?, row.try_get("next_line")?))).transpose()
    }

    /// Builds of `org_ids` that may have changed since a look that left `unfinished` unfinished, oldest first: at most
    /// the 100 newest of each org, what runs, and what each branch ended with.
    pub async fn changed_builds(&self, org_ids: &[Uuid], unfinished: &[Uuid]) -> Result<Vec<BuildState>> {
        let params = [(&org_ids as _, Type::UUID_ARRAY), (&unfinished as _, Type::UUID_ARRAY)];
        self.query_as_server(CHANGED_BUILDS, &params).await?.iter().map(state).collect()
    }

    /// Whether `actor` may see the build, by row level security as it is now.
    pub async fn may_see_build(&self, actor: &Actor, build_id: Uuid) -> Result<bool> {
        Ok(self.query_one(actor, MAY_SEE_BUILD, &[(&build_id, Type::UUID)]).await?.try_get(0)?)
    }

    /// Whether `actor` may see the project, by row level security as it is now.
    pub async fn may_see_project(&self, actor: &Actor, project_id: Uuid) -> Result<bool> {
        Ok(self.query_one(actor, MAY_SEE_PROJECT, &[(&project_id, Type::UUID)]).await?.try_get(0)?)
    }

    /// The orgs whose builds `actor` may see.
    pub async fn visible_orgs(&self, actor: &Actor) -> Result<Vec<Uuid>> {
        let rows = self.query(actor, VISIBLE_ORGS, &[]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Whether the attempt's lease is the live one: asked before a large upload is read, so that a stale runner is
    /// refused early. The write itself is guarded again.
    pub async fn lease_is_live(&self, build_id: Uuid, token: i64) -> Result<bool> {
        let params = [(&build_id as _, Type::UUID), (&token as _, Type::INT8)];
        Ok(self.query_one_as_server(LEASE_IS_LIVE, &params).await?.try_get(0)?)
    }
}

fn state(row: &Row) -> Result<BuildState> {
    Ok(BuildState {
        id: row.try_get("id")?,
        org_id: row.try_get("org_id")?,
        project_id: row.try_get("project_id")?,
        branch_id: row.try_get("branch_id")?,
        build_number: row.try_get("build_number")?,
        status: row.try_get("status")?,
        failure_reason: row.try_get("failure_reason")?,
        error_message: row.try_get("error_message")?,
        attempt: row.try_get("attempt")?,
        cancel_requested: row.try_get("cancel_requested")?,
        created_at: row.try_get("created_at")?,
        started_at: row.try_get("started_at")?,
        finished_at: row.try_get("finished_at")?,
        duration_seconds: row.try_get("duration_seconds")?,
    })
}

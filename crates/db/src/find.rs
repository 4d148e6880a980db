//! Projects, branches and builds by name: what the command palette asks.

use serde::Serialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, DbError, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    Project,
    Branch,
    Build,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub kind: FoundKind,
    /// What it is called.
    pub label: String,
    /// What tells it from others of that name.
    pub note: String,
    /// A build's status, else absent.
    pub status: Option<String>,
    pub org_slug: String,
    pub project_slug: String,
    pub branch_id: Option<Uuid>,
    pub build_id: Option<Uuid>,
}

const FIND_ANYTHING: &str = "select * from ops.find_anything($1, $2, $3)";

impl Db {
    /// What of the org's projects, branches and builds answers `query`, at most `limit` (100 at the most) of each kind.
    /// `#42` or `shop 42` finds builds by number; an empty query the projects and the newest builds. Viewer and up.
    pub async fn find_anything(&self, actor: &Actor, org_id: Uuid, query: &str, limit: i32) -> Result<Vec<Found>> {
        let params = [(&org_id as _, Type::UUID), (&query as _, Type::TEXT), (&limit as _, Type::INT4)];
        self.query(actor, FIND_ANYTHING, &params)
            .await?
            .iter()
            .map(|row| {
                let kind: &str = row.try_get("kind")?;
                Ok(Found {
                    kind: match kind {
                        "project" => FoundKind::Project,
                        "branch" => FoundKind::Branch,
                        "build" => FoundKind::Build,
                        other => return Err(DbError::Decode(format!("ops.find_anything.kind is {other:?}"))),
                    },
                    label: row.try_get("label")?,
                    note: row.try_get("note")?,
                    status: row.try_get("status")?,
                    org_slug: row.try_get("org_slug")?,
                    project_slug: row.try_get("project_slug")?,
                    branch_id: row.try_get("branch_id")?,
                    build_id: row.try_get("build_id")?,
                })
            })
            .collect()
    }
}

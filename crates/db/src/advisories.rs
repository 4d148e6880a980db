//! Recommendations for projects, and what people make of them.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, Result};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advisory {
    pub id: Uuid,
    pub project_id: Uuid,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// `security`, `performance`, `reliability`, `cost`, `upgrade` or `best-practice`.
    pub category: String,
    pub title: String,
    pub recommendation: String,
    /// What was measured, as a JSON object.
    pub evidence: serde_json::Value,
    pub fix_sql: Option<String>,
    /// `open`, `snoozed`, `resolved` or `dismissed`.
    pub status: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was resolved or dismissed.
    pub resolved_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    /// Nobody where a scan saw that the cause is gone.
    pub resolved_by: Option<Uuid>,
    /// What was found, such as `no_recent_build`; one advisory a project.
    pub key: String,
}

const LIST_ADVISORIES: &str = "select * from ops.list_advisories($1)";
const RESOLVE_ADVISORY: &str = "select ops.resolve_advisory($1)";
const DISMISS_ADVISORY: &str = "select ops.dismiss_advisory($1)";
const SNOOZE_ADVISORY: &str = "select ops.snooze_advisory($1, $2)";
const SCAN_ADVISORIES: &str = "select ops.scan_advisories()";

impl Db {
    /// A project's advisories: critical first, open before snoozed and closed, newest first. Viewer and up.
    pub async fn list_advisories(&self, actor: &Actor, project_id: Uuid) -> Result<Vec<Advisory>> {
        let rows = self.query(actor, LIST_ADVISORIES, &[(&project_id, Type::UUID)]).await?;
        rows.iter().map(advisory).collect()
    }

    /// Notes that the advice was followed. A repeat is harmless. Developer and up.
    ///
    /// # Errors
    /// [`crate::DbError::Conflict`] when it is dismissed.
    pub async fn resolve_advisory(&self, actor: &Actor, advisory_id: Uuid) -> Result<()> {
        self.query(actor, RESOLVE_ADVISORY, &[(&advisory_id, Type::UUID)]).await?;
        Ok(())
    }

    /// Notes that the advice is not to be followed. A repeat is harmless. Developer and up.
    ///
    /// # Errors
    /// [`crate::DbError::Conflict`] when it is resolved.
    pub async fn dismiss_advisory(&self, actor: &Actor, advisory_id: Uuid) -> Result<()> {
        self.query(actor, DISMISS_ADVISORY, &[(&advisory_id, Type::UUID)]).await?;
        Ok(())
    }

    /// Hides the advisory until a time in the future. Developer and up.
    ///
    /// # Errors
    /// [`crate::DbError::Invalid`] when the time is past, [`crate::DbError::Conflict`] when it is closed.
    pub async fn snooze_advisory(&self, actor: &Actor, advisory_id: Uuid, until: Timestamp) -> Result<()> {
        let params = [(&advisory_id as _, Type::UUID), (&until as _, Type::TIMESTAMPTZ)];
        self.query(actor, SNOOZE_ADVISORY, &params).await?;
        Ok(())
    }

    /// Looks at every project and writes down what is found; answers how many advisories were opened.
    pub async fn scan_advisories(&self) -> Result<i64> {
        Ok(self.query_one_as_server(SCAN_ADVISORIES, &[]).await?.try_get(0)?)
    }
}

fn advisory(row: &Row) -> Result<Advisory> {
    Ok(Advisory {
        id: row.try_get("id")?,
        project_id: row.try_get("project_id")?,
        severity: row.try_get("severity")?,
        category: row.try_get("category")?,
        title: row.try_get("title")?,
        recommendation: row.try_get("recommendation")?,
        evidence: row.try_get("evidence")?,
        fix_sql: row.try_get("fix_sql")?,
        status: row.try_get("status")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        resolved_at: row.try_get("resolved_at")?,
        snoozed_until: row.try_get("snoozed_until")?,
        resolved_by: row.try_get("resolved_by")?,
        key: row.try_get("key")?,
    })
}

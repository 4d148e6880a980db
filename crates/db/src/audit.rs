//! Who did what.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, Result};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    pub id: i64,
    /// `user:<id>`, `token:<id>` or `service`.
    pub actor: String,
    /// The person's e-mail address or the token's name, where known.
    pub actor_name: String,
    /// Dotted, such as `member.invited`.
    pub action: String,
    /// Kind and id, such as `project:<id>`.
    pub target: String,
    pub detail: serde_json::Value,
    pub created_at: Timestamp,
}

/// Which entries to answer; the default is the newest hundred.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter<'a> {
    /// An actor as stored, or part of a person's address or a token's name.
    pub actor: Option<&'a str>,
    /// An action, or its first part: `member` finds `member.invited`.
    pub action: Option<&'a str>,
    /// The last id of the page before.
    pub before: Option<i64>,
    /// 1 to 10,000; 100 where left out.
    pub limit: Option<i32>,
}

impl Db {
    /// The org's entries, newest first.
    pub async fn audit_entries(
        &self,
        actor: &Actor,
        org_id: Uuid,
        filter: &AuditFilter<'_>,
    ) -> Result<Vec<AuditEntry>> {
        let rows = self
            .query(
                actor,
                "select * from ops.audit_entries($1, $2, $3, $4, $5)",
                &[
                    (&org_id, Type::UUID),
                    (&filter.actor, Type::TEXT),
                    (&filter.action, Type::TEXT),
                    (&filter.before, Type::INT8),
                    (&filter.limit, Type::INT4),
                ],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    id: row.try_get("id")?,
                    actor: row.try_get("actor")?,
                    actor_name: row.try_get("actor_name")?,
                    action: row.try_get("action")?,
                    target: row.try_get("target")?,
                    detail: row.try_get("detail")?,
                    created_at: row.try_get("created_at")?,
                })
            })
            .collect()
    }
}

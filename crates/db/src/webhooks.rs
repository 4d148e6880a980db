//! Webhook secrets, received deliveries, and what a push does.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_core::github::Push;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, Result};

/// The secrets that may have signed a delivery, sealed with the server's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    pub org_id: Uuid,
    /// Set where the address names a project.
    pub project_id: Option<Uuid>,
    pub sealed: Vec<u8>,
    /// The one before, which stays valid until the next change.
    pub previous_sealed: Option<Vec<u8>>,
}

/// A stored delivery whose effect is due.
#[derive(Debug, Clone, PartialEq)]
pub struct DueWebhook {
    pub id: i64,
    pub org_id: Uuid,
    pub provider: String,
    pub event: String,
    pub payload: serde_json::Value,
    /// Counts this one: 1 the first time.
    pub attempts: i32,
}

impl Db {
    /// Stores a new sealed secret; the one before stays valid until the next change. `provider` is `github`, `gitlab`
    /// or `gitea`.
    pub async fn set_webhook_secret(&self, actor: &Actor, org_id: Uuid, provider: &str, sealed: &[u8]) -> Result<()> {
        let params = [(&org_id as _, Type::UUID), (&provider as _, Type::TEXT), (&sealed as _, Type::BYTEA)];
        self.query(actor, "select registry.set_webhook_secret($1, $2, $3)", &params).await?;
        Ok(())
    }

    /// When the org's secret for `provider` was last changed; `None` when it has none.
    pub async fn webhook_secret_rotated_at(
        &self,
        actor: &Actor,
        org_id: Uuid,
        provider: &str,
    ) -> Result<Option<Timestamp>> {
        let sql = "select rotated_at from registry.webhook_secrets where org_id = $1 and provider = $2";
        let rows = self.query(actor, sql, &[(&org_id, Type::UUID), (&provider, Type::TEXT)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// The secrets for a webhook's address: `target` is an org's id or slug, a project's id, or `org/project` by slugs.
    pub async fn webhook_secret(&self, target: &str, provider: &str) -> Result<Option<WebhookSecret>> {
        let sql = "select org_id, project_id, sealed, previous_sealed from registry.webhook_secret($1, $2)";
        let rows = self.query_as_server(sql, &[(&target, Type::TEXT), (&provider, Type::TEXT)]).await?;
        rows.first()
            .map(|row| {
                Ok(WebhookSecret {
                    org_id: row.try_get("org_id")?,
                    project_id: row.try_get("project_id")?,
                    sealed: row.try_get("sealed")?,
                    previous_sealed: row.try_get("previous_sealed")?,
                })
            })
            .transpose()
    }

    /// Stores a verified delivery; false when it was received before.
    pub async fn receive_webhook(
        &self,
        org_id: Uuid,
        provider: &str,
        delivery_id: &str,
        event: &str,
        payload: &serde_json::Value,
    ) -> Result<bool> {
        let row = self
            .query_one_as_server(
                "select ops.receive_webhook($1, $2, $3, $4, $5)",
                &[
                    (&org_id, Type::UUID),
                    (&provider, Type::TEXT),
                    (&delivery_id, Type::TEXT),
                    (&event, Type::TEXT),
                    (payload, Type::JSONB),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Takes deliveries whose effect is due, oldest first, for this process to apply within a minute.
    pub async fn due_webhooks(&self, limit: i64) -> Result<Vec<DueWebhook>> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let rows = self.query_as_server("select * from ops.due_webhooks($1)", &[(&limit, Type::INT4)]).await?;
        rows.iter()
            .map(|row| {
                Ok(DueWebhook {
                    id: row.try_get("id")?,
                    org_id: row.try_get("org_id")?,
                    provider: row.try_get("provider")?,
                    event: row.try_get("event")?,
                    payload: row.try_get("payload")?,
                    attempts: row.try_get("attempts")?,
                })
            })
            .collect()
    }

    /// Applies a push to every project of its repository; the answer says what happened. Repeating it is harmless.
    pub async fn apply_push(&self, delivery_id: i64, push: &Push) -> Result<String> {
        let row = self
            .query_one_as_server(
                "select ops.apply_push($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                &[
                    (&delivery_id, Type::INT8),
                    (&push.repo_urls, Type::TEXT_ARRAY),
                    (&push.branch, Type::TEXT),
                    (&push.sha, Type::TEXT),
                    (&push.message, Type::TEXT),
                    (&push.author, Type::TEXT),
                    (&push.pushed_at, Type::TIMESTAMPTZ),
                    (&push.created, Type::BOOL),
                    (&push.deleted, Type::BOOL),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Closes a delivery with what came of it.
    pub async fn finish_webhook(&self, delivery_id: i64, outcome: &str) -> Result<()> {
        let params = [(&delivery_id as _, Type::INT8), (&outcome as _, Type::TEXT)];
        self.query_as_server("select ops.finish_webhook($1, $2)", &params).await?;
        Ok(())
    }

    /// Lets a delivery whose effect failed for now be tried again after `wait`, by the database's clock.
    pub async fn postpone_webhook(&self, delivery_id: i64, wait: Duration, error: &str) -> Result<()> {
        let seconds = wait.as_secs_f64();
        let params = [(&delivery_id as _, Type::INT8), (&seconds as _, Type::FLOAT8), (&error as _, Type::TEXT)];
        let sql = "select ops.postpone_webhook($1, clock_timestamp() + make_interval(secs => $2), $3)";
        self.query_as_server(sql, &params).await?;
        Ok(())
    }
}

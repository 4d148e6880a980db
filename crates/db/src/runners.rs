//! Runners: who may claim.

use jiff::Timestamp;
use plimsoll_core::protocol::Register;
use plimsoll_core::status::ArtifactType;
use serde::Serialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, Result};

/// An artifact whose bytes are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifact {
    pub r#type: ArtifactType,
    /// Unique in the build, 1 to 500 characters.
    pub name: String,
    pub storage_path: String,
    pub size_bytes: i64,
    pub mime_type: String,
    /// Lower-case hex.
    pub sha256: String,
}

/// The runner that a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRunner {
    pub runner_id: Uuid,
    /// `None`: shared, serves every org.
    pub org_id: Option<Uuid>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunnerRow {
    pub id: Uuid,
    /// `None`: shared, serves every org.
    pub org_id: Option<Uuid>,
    pub name: String,
    pub version: String,
    pub os: String,
    pub arch: String,
    pub host: String,
    pub slots: i32,
    pub sandbox_level: String,
    pub registered_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Heard of in the last 90 seconds.
    pub online: bool,
    /// Builds of the asking org that it runs now.
    pub running_builds: Vec<Uuid>,
}

const REGISTER_RUNNER: &str = "select ops.register_runner($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const AUTHENTICATE_RUNNER: &str = "select * from ops.authenticate_runner($1)";
const LIST_RUNNERS: &str = "select * from ops.list_runners($1)";
const REMOVE_RUNNER: &str = "select ops.remove_runner($1)";

impl Db {
    /// Registers a runner for one org, or a shared one; `token_hash` is the SHA-256 of its token. Answers its id.
    pub async fn register_runner(&self, org_id: Option<Uuid>, runner: &Register, token_hash: &[u8]) -> Result<Uuid> {
        let slots = i32::try_from(runner.slots).unwrap_or(i32::MAX);
        let row = self
            .query_one_as_server(
                REGISTER_RUNNER,
                &[
                    (&org_id, Type::UUID),
                    (&runner.name, Type::TEXT),
                    (&token_hash, Type::BYTEA),
                    (&runner.version, Type::TEXT),
                    (&runner.os, Type::TEXT),
                    (&runner.arch, Type::TEXT),
                    (&runner.host, Type::TEXT),
                    (&slots, Type::INT4),
                    (&runner.sandbox_level.as_str(), Type::TEXT),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// The runner with this token, noting that it is alive; `None` when there is none or it was removed.
    pub async fn authenticate_runner(&self, token_hash: &[u8]) -> Result<Option<KnownRunner>> {
        let rows = self.query_as_server(AUTHENTICATE_RUNNER, &[(&token_hash, Type::BYTEA)]).await?;
        rows.first()
            .map(|row| {
                Ok(KnownRunner {
                    runner_id: row.try_get("runner_id")?,
                    org_id: row.try_get("org_id")?,
                    name: row.try_get("name")?,
                })
            })
            .transpose()
    }

    /// The org's own runners and the shared ones. Viewer and up.
    pub async fn list_runners(&self, actor: &Actor, org_id: Uuid) -> Result<Vec<RunnerRow>> {
        self.query(actor, LIST_RUNNERS, &[(&org_id, Type::UUID)])
            .await?
            .iter()
            .map(|row| {
                Ok(RunnerRow {
                    id: row.try_get("id")?,
                    org_id: row.try_get("org_id")?,
                    name: row.try_get("name")?,
                    version: row.try_get("version")?,
                    os: row.try_get("os")?,
                    arch: row.try_get("arch")?,
                    host: row.try_get("host")?,
                    slots: row.try_get("slots")?,
                    sandbox_level: row.try_get("sandbox_level")?,
                    registered_at: row.try_get("registered_at")?,
                    last_seen_at: row.try_get("last_seen_at")?,
                    online: row.try_get("online")?,
                    running_builds: row.try_get("running_builds")?,
                })
            })
            .collect()
    }

    /// Takes a runner's right to claim. Admin and up; shared ones only by the server itself.
    pub async fn remove_runner(&self, actor: &Actor, runner_id: Uuid) -> Result<()> {
        self.query_one(actor, REMOVE_RUNNER, &[(&runner_id, Type::UUID)]).await?;
        Ok(())
    }
}

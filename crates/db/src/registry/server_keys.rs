//! Keys of the whole installation: called by the server itself. The plain keys never come here, only their hashes and
//! what the server sealed.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Db, Result};

/// A key that is good.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerKey {
    pub id: Uuid,
    /// `publishable`, `secret`, `ingest`, `advisory` or `signing`.
    pub kind: String,
    /// SHA-256 of the whole key; of a signing key's public point.
    pub key_hash: Vec<u8>,
    pub sealed: Vec<u8>,
    /// Of a signing key.
    pub public_jwk: Option<Value>,
    pub created_at: Timestamp,
    /// Since when a newer one is in use; `None` for the one in use.
    pub superseded_at: Option<Timestamp>,
    /// Accurate to a minute.
    pub last_used_at: Option<Timestamp>,
}

/// A key to store.
#[derive(Debug, Clone)]
pub struct NewServerKey<'a> {
    pub id: Uuid,
    pub kind: &'a str,
    pub key_hash: &'a [u8],
    pub sealed: &'a [u8],
    pub public_jwk: Option<&'a Value>,
}

impl Db {
    /// Keys that are good, by kind, the one in use before the one it followed: at most two of a kind.
    pub async fn server_keys(&self) -> Result<Vec<ServerKey>> {
        let sql = "select id, kind, key_hash, sealed, public_jwk, created_at, superseded_at, last_used_at
                   from registry.living_server_keys()";
        let rows = self.query_as_server(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(ServerKey {
                    id: row.try_get("id")?,
                    kind: row.try_get("kind")?,
                    key_hash: row.try_get("key_hash")?,
                    sealed: row.try_get("sealed")?,
                    public_jwk: row.try_get("public_jwk")?,
                    created_at: row.try_get("created_at")?,
                    superseded_at: row.try_get("superseded_at")?,
                    last_used_at: row.try_get("last_used_at")?,
                })
            })
            .collect()
    }

    /// Stores the key unless there is one of its kind in use; replicas that start at once end up with the same.
    pub async fn ensure_server_key(&self, key: &NewServerKey<'_>) -> Result<()> {
        self.store_server_key("select registry.ensure_server_key($1, $2, $3, $4, $5)", key).await
    }

    /// Puts a new key in use; the one so far is good until the next change.
    pub async fn rotate_server_key(&self, key: &NewServerKey<'_>) -> Result<()> {
        self.store_server_key("select registry.rotate_server_key($1, $2, $3, $4, $5)", key).await
    }

    /// Ends a key; false when no such key is good.
    pub async fn revoke_server_key(&self, id: Uuid) -> Result<bool> {
        let row = self.query_one_as_server("select registry.revoke_server_key($1)", &[(&id, Type::UUID)]).await?;
        Ok(row.try_get(0)?)
    }

    /// Notes that a key was used, at most once a minute.
    pub async fn note_server_key_use(&self, id: Uuid) -> Result<()> {
        self.query_as_server("select registry.note_server_key_use($1)", &[(&id, Type::UUID)]).await?;
        Ok(())
    }

    async fn store_server_key(&self, sql: &str, key: &NewServerKey<'_>) -> Result<()> {
        let params = [
            (&key.id as _, Type::UUID),
            (&key.kind as _, Type::TEXT),
            (&key.key_hash as _, Type::BYTEA),
            (&key.sealed as _, Type::BYTEA),
            (&key.public_jwk as _, Type::JSONB),
        ];
        self.query_as_server(sql, &params).await?;
        Ok(())
    }
}

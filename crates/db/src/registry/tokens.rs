//! API tokens. Only SHA-256 hashes come here; tokens are made and shown by the server.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, Result};

/// A token as it is listed: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    pub id: Uuid,
    pub name: String,
    /// Its first characters, to tell it from others.
    pub prefix: String,
    /// Of `read`, `build`, `admin`, `runner`.
    pub scopes: Vec<String>,
    pub created_by: Option<Uuid>,
    pub created_by_email: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Accurate to a minute.
    pub last_used_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct NewApiToken<'a> {
    pub name: &'a str,
    pub scopes: &'a [String],
    pub prefix: &'a str,
    /// SHA-256 of the whole token.
    pub token_hash: &'a [u8],
    pub expires_at: Option<Timestamp>,
}

/// Whom a good token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedToken {
    pub token_id: Uuid,
    pub org_id: Uuid,
    pub user_id: Uuid,
    pub scopes: Vec<String>,
}

impl From<AuthenticatedToken> for Actor {
    fn from(token: AuthenticatedToken) -> Self {
        let AuthenticatedToken { token_id, org_id, user_id, scopes } = token;
        Self::Token { token_id, org_id, user_id, scopes }
    }
}

impl Db {
    /// Tokens that are not revoked, newest first.
    pub async fn list_api_tokens(&self, actor: &Actor, org_id: Uuid) -> Result<Vec<ApiToken>> {
        let rows = self.query(actor, "select * from registry.list_api_tokens($1)", &[(&org_id, Type::UUID)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ApiToken {
                    id: row.try_get("id")?,
                    name: row.try_get("name")?,
                    prefix: row.try_get("prefix")?,
                    scopes: row.try_get("scopes")?,
                    created_by: row.try_get("created_by")?,
                    created_by_email: row.try_get("created_by_email")?,
                    created_at: row.try_get("created_at")?,
                    expires_at: row.try_get("expires_at")?,
                    last_used_at: row.try_get("last_used_at")?,
                })
            })
            .collect()
    }

    /// Stores a token that acts as the caller within the org, at most with its scopes.
    pub async fn create_api_token(&self, actor: &Actor, org_id: Uuid, token: &NewApiToken<'_>) -> Result<Uuid> {
        let row = self
            .query_one(
                actor,
                "select registry.create_api_token($1, $2, $3, $4, $5, $6)",
                &[
                    (&org_id, Type::UUID),
                    (&token.name, Type::TEXT),
                    (&token.scopes, Type::TEXT_ARRAY),
                    (&token.prefix, Type::TEXT),
                    (&token.token_hash, Type::BYTEA),
                    (&token.expires_at, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Ends a token at once; one that is revoked already is no error.
    pub async fn revoke_api_token(&self, actor: &Actor, token_id: Uuid) -> Result<()> {
        self.query(actor, "select registry.revoke_api_token($1)", &[(&token_id, Type::UUID)]).await?;
        Ok(())
    }

    /// Whom a token stands for; `None` when it is unknown, revoked, expired, or its maker is no member any more.
    pub async fn authenticate_token(&self, token_hash: &[u8]) -> Result<Option<AuthenticatedToken>> {
        let sql = "select token_id, org_id, user_id, scopes from registry.authenticate_token($1)";
        let rows = self.query_as_server(sql, &[(&token_hash, Type::BYTEA)]).await?;
        rows.first()
            .map(|row| {
                Ok(AuthenticatedToken {
                    token_id: row.try_get("token_id")?,
                    org_id: row.try_get("org_id")?,
                    user_id: row.try_get("user_id")?,
                    scopes: row.try_get("scopes")?,
                })
            })
            .transpose()
    }
}

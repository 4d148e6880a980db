//! Sign-ins of API clients (`/auth/v1`): called by the server itself. Only hashes of refresh tokens come here.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Db, Result};

/// A person as they are shown to themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthUser {
    pub id: Uuid,
    pub email: Option<String>,
    /// Set by the server alone.
    pub app_metadata: Value,
    /// What the person says about themselves; nothing is ever decided by it.
    pub user_metadata: Value,
    pub last_sign_in_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An API client's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthSession {
    pub id: Uuid,
    pub user_id: Uuid,
    /// How the person proved who they are: `password` or `otp`, a one-time link.
    pub method: String,
    pub signed_in_at: Timestamp,
}

/// What became of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// The token that follows is stored, or was a moment ago.
    Refreshed(AuthSession),
    /// It had been used before, longer ago than a client repeats a request: the session is over now.
    Reused,
    /// It is unknown, or its session is over.
    Unknown,
}

/// Which sessions a sign-out ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOutScope {
    /// This one.
    Local,
    /// All but this one.
    Others,
    /// All.
    Global,
}

impl SignOutScope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Others => "others",
            Self::Global => "global",
        }
    }
}

impl Db {
    /// Whether people sign in here; false where `auth.users` is Supabase's own.
    pub async fn auth_is_ours(&self) -> Result<bool> {
        Ok(self.query_one_as_server("select registry.auth_is_ours()", &[]).await?.try_get(0)?)
    }

    /// Starts `session` with its first refresh token. When it began is the database's to say.
    pub async fn start_auth_session(
        &self,
        session: &AuthSession,
        user_agent: Option<&str>,
        refresh_hash: &[u8],
        expires_at: Timestamp,
    ) -> Result<()> {
        self.query_as_server(
            "select registry.start_auth_session($1, $2, $3, $4, $5, $6)",
            &[
                (&session.id, Type::UUID),
                (&session.user_id, Type::UUID),
                (&user_agent, Type::TEXT),
                (&session.method, Type::TEXT),
                (&refresh_hash, Type::BYTEA),
                (&expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
        Ok(())
    }

    /// Uses a refresh token up and stores the hash of the one that follows it.
    pub async fn use_refresh_token(&self, hash: &[u8], next_hash: &[u8], expires_at: Timestamp) -> Result<Refresh> {
        let sql =
            "select outcome, session_id, user_id, method, signed_in_at from registry.use_refresh_token($1, $2, $3)";
        let params = [(&hash as _, Type::BYTEA), (&next_hash as _, Type::BYTEA), (&expires_at as _, Type::TIMESTAMPTZ)];
        let rows = self.query_as_server(sql, &params).await?;
        let Some(row) = rows.first() else { return Ok(Refresh::Unknown) };
        if row.try_get::<_, &str>("outcome")? == "reused" {
            return Ok(Refresh::Reused);
        }
        Ok(Refresh::Refreshed(AuthSession {
            id: row.try_get("session_id")?,
            user_id: row.try_get("user_id")?,
            method: row.try_get("method")?,
            signed_in_at: row.try_get("signed_in_at")?,
        }))
    }

    /// When the session began; `None` when it is over or another person's.
    pub async fn auth_session(&self, session_id: Uuid, user_id: Uuid) -> Result<Option<Timestamp>> {
        let sql = "select signed_in_at from registry.auth_session($1, $2)";
        let rows = self.query_as_server(sql, &[(&session_id, Type::UUID), (&user_id, Type::UUID)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// Without a `session_id` only [`SignOutScope::Global`] ends anything of use.
    pub async fn end_auth_sessions(&self, user_id: Uuid, session_id: Option<Uuid>, scope: SignOutScope) -> Result<()> {
        let params = [(&user_id as _, Type::UUID), (&session_id as _, Type::UUID), (&scope.as_str() as _, Type::TEXT)];
        self.query_as_server("select registry.end_auth_sessions($1, $2, $3)", &params).await?;
        Ok(())
    }

    pub async fn auth_user(&self, user_id: Uuid) -> Result<Option<AuthUser>> {
        let sql = "select id, email, app_metadata, user_metadata, last_sign_in_at, created_at, updated_at
                   from registry.auth_user($1)";
        let rows = self.query_as_server(sql, &[(&user_id, Type::UUID)]).await?;
        rows.first()
            .map(|row| {
                let object = |name| Ok::<_, crate::DbError>(row.try_get::<_, Option<Value>>(name)?.unwrap_or_default());
                Ok(AuthUser {
                    id: row.try_get("id")?,
                    email: row.try_get("email")?,
                    app_metadata: object("app_metadata")?,
                    user_metadata: object("user_metadata")?,
                    last_sign_in_at: row.try_get("last_sign_in_at")?,
                    created_at: row.try_get("created_at")?,
                    updated_at: row.try_get("updated_at")?,
                })
            })
            .transpose()
    }

    /// Merges `changes`, an object, into what the person says about themselves; a null takes a key away.
    pub async fn update_user_metadata(&self, user_id: Uuid, changes: &Value) -> Result<()> {
        let params = [(&user_id as _, Type::UUID), (changes as _, Type::JSONB)];
        self.query_as_server("select registry.update_user_metadata($1, $2)", &params).await?;
        Ok(())
    }

    /// Membership and first password by the link somebody was invited with; `None` when it is not good or not theirs.
    pub async fn accept_invitation(&self, link_hash: &[u8], email: &str, password_hash: &str) -> Result<Option<Uuid>> {
        let params = [(&link_hash as _, Type::BYTEA), (&email as _, Type::TEXT), (&password_hash as _, Type::TEXT)];
        let row = self.query_one_as_server("select registry.accept_invitation($1, $2, $3)", &params).await?;
        Ok(row.try_get(0)?)
    }
}

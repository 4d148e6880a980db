//! Sessions, one-time links and passwords: called by the server itself, before it knows who is asking.

use jiff::Timestamp;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Db, Result};

/// What to check a password against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordHash {
    pub user_id: Uuid,
    /// argon2id in PHC form.
    pub password_hash: String,
}

/// A person and an org they own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedOrg {
    pub user_id: Uuid,
    pub org_id: Uuid,
}

/// What came of an invitation for somebody who has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    Member,
    /// It is good, and for another account.
    ForAnother,
    /// It is unknown, used or expired, or no invitation.
    NotGood,
}

impl Db {
    pub async fn create_session(
        &self,
        token_hash: &[u8],
        user_id: Uuid,
        user_agent: Option<&str>,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.query_as_server(
            "select registry.create_session($1, $2, $3, $4)",
            &[
                (&token_hash, Type::BYTEA),
                (&user_id, Type::UUID),
                (&user_agent, Type::TEXT),
                (&expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
        Ok(())
    }

    /// Whose session this is; `None` when it is unknown or over.
    pub async fn authenticate_session(&self, token_hash: &[u8]) -> Result<Option<Uuid>> {
        let sql = "select user_id from registry.authenticate_session($1)";
        let rows = self.query_as_server(sql, &[(&token_hash, Type::BYTEA)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// Ends a session; one that is over already is no error.
    pub async fn end_session(&self, token_hash: &[u8]) -> Result<()> {
        self.query_as_server("select registry.end_session($1)", &[(&token_hash, Type::BYTEA)]).await?;
        Ok(())
    }

    /// A link that signs `user_id` in once. Invitations make their own: [`Db::invite_member`].
    pub async fn create_signin_link(&self, token_hash: &[u8], user_id: Uuid, expires_at: Timestamp) -> Result<()> {
        self.query_as_server(
            "select registry.create_signin_link($1, $2, 'signin', $3)",
            &[(&token_hash, Type::BYTEA), (&user_id, Type::UUID), (&expires_at, Type::TIMESTAMPTZ)],
        )
        .await?;
        Ok(())
    }

    /// Uses a link up and answers whom it signs in; `None` when it is unknown, used or expired, or an invitation for an
    /// account that is in use.
    pub async fn use_signin_link(&self, token_hash: &[u8]) -> Result<Option<Uuid>> {
        let row =
            self.query_one_as_server("select registry.use_signin_link($1)", &[(&token_hash, Type::BYTEA)]).await?;
        Ok(row.try_get(0)?)
    }

    /// Uses an invitation up for `user_id`, who is signed in. For nobody, answers whether it is good for somebody.
    pub async fn join_org(&self, link_hash: &[u8], user_id: Option<Uuid>) -> Result<Joined> {
        let params = [(&link_hash as _, Type::BYTEA), (&user_id as _, Type::UUID)];
        let row = self.query_one_as_server("select registry.join_org($1, $2)", &params).await?;
        Ok(match row.try_get(0)? {
            Some("joined") => Joined::Member,
            Some(_) => Joined::ForAnother,
            None => Joined::NotGood,
        })
    }

    /// `None` when there is no such person or they have no password.
    pub async fn password_hash_for(&self, email: &str) -> Result<Option<PasswordHash>> {
        let sql = "select user_id, password_hash from registry.password_hash_for($1)";
        let rows = self.query_as_server(sql, &[(&email, Type::TEXT)]).await?;
        rows.first()
            .map(|row| {
                Ok(PasswordHash { user_id: row.try_get("user_id")?, password_hash: row.try_get("password_hash")? })
            })
            .transpose()
    }

    pub async fn user_by_email(&self, email: &str) -> Result<Option<Uuid>> {
        let row = self.query_one_as_server("select registry.user_by_email($1)", &[(&email, Type::TEXT)]).await?;
        Ok(row.try_get(0)?)
    }

    /// Takes a person's password away, and ends their sessions and sign-in links.
    pub async fn forget_password(&self, user_id: Uuid) -> Result<()> {
        self.query_as_server("select registry.forget_password($1)", &[(&user_id, Type::UUID)]).await?;
        Ok(())
    }

    /// Sets a password and ends every other session of the person; `keep_session` is the hash of the one that asked.
    pub async fn set_password(&self, user_id: Uuid, password_hash: &str, keep_session: Option<&[u8]>) -> Result<()> {
        self.query_as_server(
            "select registry.set_password($1, $2, $3)",
            &[(&user_id, Type::UUID), (&password_hash, Type::TEXT), (&keep_session, Type::BYTEA)],
        )
        .await?;
        Ok(())
    }

    /// A person's e-mail address.
    pub async fn email_of(&self, user_id: Uuid) -> Result<Option<String>> {
        let sql = "select email::text from auth.users where id = $1";
        let rows = self.query_as_server(sql, &[(&user_id, Type::UUID)]).await?;
        Ok(rows.first().map(|row| row.try_get::<_, Option<String>>(0)).transpose()?.flatten())
    }

    /// The bootstrap of an empty database, safe to repeat and to run twice at once: this person, owning an org.
    pub async fn ensure_owner(&self, email: &str, org_name: &str) -> Result<OwnedOrg> {
        let row = self
            .query_one_as_server(
                "select user_id, org_id from registry.ensure_owner($1, $2)",
                &[(&email, Type::TEXT), (&org_name, Type::TEXT)],
            )
            .await?;
        Ok(OwnedOrg { user_id: row.try_get("user_id")?, org_id: row.try_get("org_id")? })
    }

    /// Deletes sessions, links and idempotency keys that are over; answers how many.
    pub async fn delete_expired_credentials(&self) -> Result<i64> {
        let row = self.query_one_as_server("select registry.delete_expired_credentials()", &[]).await?;
        Ok(row.try_get(0)?)
    }
}

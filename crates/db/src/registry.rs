//! Orgs and their members.

mod auth_sessions;
mod credentials;
mod server_keys;
mod tokens;

use jiff::Timestamp;
use plimsoll_core::status::Role;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

pub use auth_sessions::{AuthSession, AuthUser, Refresh, SignOutScope};
pub use credentials::{Joined, OwnedOrg, PasswordHash};
pub use server_keys::{NewServerKey, ServerKey};
pub use tokens::{ApiToken, AuthenticatedToken, NewApiToken};

use crate::{Actor, Db, DbError, Result};

/// An org that the caller belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Org {
    pub id: Uuid,
    pub name: String,
    pub slug: String,
    /// The caller's role in it, as a token's scopes cap it.
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    pub user_id: Uuid,
    pub email: Option<String>,
    pub role: Role,
    /// `active` or `invited`.
    pub status: String,
    pub created_at: Timestamp,
}

impl Db {
    /// The caller's orgs by name; every org for [`Actor::Service`].
    pub async fn my_orgs(&self, actor: &Actor) -> Result<Vec<Org>> {
        let rows = self.query(actor, "select id, name, slug, role from registry.my_orgs()", &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(Org {
                    id: row.try_get("id")?,
                    name: row.try_get("name")?,
                    slug: row.try_get("slug")?,
                    role: role(row, "role")?,
                })
            })
            .collect()
    }

    /// The caller's role in the org; `None` for a stranger.
    pub async fn member_role(&self, actor: &Actor, org_id: Uuid) -> Result<Option<Role>> {
        if actor.is_service() {
            return Ok(Some(Role::Owner));
        }
        let row = self.query_one(actor, "select registry.member_role($1)", &[(&org_id, Type::UUID)]).await?;
        row.try_get::<_, Option<String>>(0)?.map(|name| parse_role(&name)).transpose()
    }

    /// Makes an org whose owner is the caller.
    ///
    /// # Errors
    /// [`DbError::Forbidden`] for an API token, which belongs to one org.
    pub async fn create_org(&self, actor: &Actor, name: &str) -> Result<Uuid> {
        let row = self.query_one(actor, "select registry.create_org($1)", &[(&name, Type::TEXT)]).await?;
        Ok(row.try_get(0)?)
    }

    /// Members and open invitations, owners first.
    pub async fn list_members(&self, actor: &Actor, org_id: Uuid) -> Result<Vec<Member>> {
        let sql = "select user_id, email, role, status, created_at from registry.list_members($1)";
        let rows = self.query(actor, sql, &[(&org_id, Type::UUID)]).await?;
        rows.iter()
            .map(|row| {
                Ok(Member {
                    user_id: row.try_get("user_id")?,
                    email: row.try_get("email")?,
                    role: role(row, "role")?,
                    status: row.try_get("status")?,
                    created_at: row.try_get("created_at")?,
                })
            })
            .collect()
    }

    /// Invites somebody by e-mail address and answers who that is. `link_hash` is the SHA-256 of a one-time link's token:
    /// they are a member once they opened it ([`Db::use_signin_link`], [`Db::join_org`]).
    ///
    /// # Errors
    /// [`DbError::Conflict`] when they are a member already.
    pub async fn invite_member(
        &self,
        actor: &Actor,
        org_id: Uuid,
        email: &str,
        role: Role,
        link_hash: &[u8],
        expires_at: Timestamp,
    ) -> Result<Uuid> {
        let row = self
            .query_one(
                actor,
                "select user_id from registry.invite_member($1, $2, $3, $4, $5)",
                &[
                    (&org_id, Type::UUID),
                    (&email, Type::TEXT),
                    (&role.as_str(), Type::TEXT),
                    (&link_hash, Type::BYTEA),
                    (&expires_at, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// # Errors
    /// [`DbError::Conflict`] when the org would be left without an owner.
    pub async fn set_member_role(&self, actor: &Actor, org_id: Uuid, user_id: Uuid, role: Role) -> Result<()> {
        let params = [(&org_id as _, Type::UUID), (&user_id as _, Type::UUID), (&role.as_str() as _, Type::TEXT)];
        self.query(actor, "select registry.set_member_role($1, $2, $3)", &params).await?;
        Ok(())
    }

    /// Takes effect with the member's next request; their tokens in the org are revoked.
    ///
    /// # Errors
    /// [`DbError::Conflict`] for the last owner.
    pub async fn remove_member(&self, actor: &Actor, org_id: Uuid, user_id: Uuid) -> Result<()> {
        let params = [(&org_id as _, Type::UUID), (&user_id as _, Type::UUID)];
        self.query(actor, "select registry.remove_member($1, $2)", &params).await?;
        Ok(())
    }
}

fn role(row: &Row, column: &str) -> Result<Role> {
    parse_role(row.try_get::<_, &str>(column)?)
}

fn parse_role(name: &str) -> Result<Role> {
    name.parse().map_err(|error| DbError::Decode(format!("{error}")))
}

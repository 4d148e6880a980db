//! On whose behalf a statement runs.

use serde_json::{Value, json};
use uuid::Uuid;

/// What an API token may do; the database caps the caller's role by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Read,
    Build,
    Admin,
    Runner,
}

impl Scope {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Build => "build",
            Self::Admin => "admin",
            Self::Runner => "runner",
        }
    }
}

/// Who is asking, once credentials were checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Actor {
    /// No credentials.
    Anonymous,
    /// A person, by console session or Supabase JWT. `claims` is the JWT's payload where there was one.
    User { user_id: Uuid, claims: Option<Value> },
    /// An API token: acts as the member who made it, within one org and at most with its scopes.
    Token { token_id: Uuid, org_id: Uuid, user_id: Uuid, scopes: Vec<String> },
    /// The service key, or the server itself.
    Service,
    /// At the gateway: [`Self::Anonymous`] or [`Self::Service`] by a token whose claims policies may read.
    Claimed { is_service: bool, claims: Value },
}

impl Actor {
    /// The database role the statement runs as.
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Anonymous | Self::Claimed { is_service: false, .. } => "anon",
            Self::User { .. } | Self::Token { .. } => "authenticated",
            Self::Service | Self::Claimed { is_service: true, .. } => "service_role",
        }
    }

    /// What `auth.uid()`, `auth.jwt()` and `registry.member_role()` read.
    pub fn claims(&self) -> Value {
        match self {
            Self::Anonymous => json!({"role": "anon"}),
            Self::User { user_id, claims } => {
                let mut claims = believed(claims.clone().unwrap_or_else(|| json!({})));
                claims["sub"] = json!(user_id);
                claims["role"] = json!(self.role());
                claims
            }
            Self::Claimed { claims, .. } => {
                let mut claims = believed(claims.clone());
                claims["role"] = json!(self.role());
                claims
            }
            Self::Token { token_id, org_id, user_id, scopes } => json!({
                "sub": user_id, "role": "authenticated",
                "plimsoll_token_id": token_id, "plimsoll_org_id": org_id, "plimsoll_scopes": scopes,
            }),
            Self::Service => json!({"role": "service_role"}),
        }
    }

    pub const fn user_id(&self) -> Option<Uuid> {
        match self {
            Self::User { user_id, .. } | Self::Token { user_id, .. } => Some(*user_id),
            Self::Anonymous | Self::Service | Self::Claimed { .. } => None,
        }
    }

    pub const fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous | Self::Claimed { is_service: false, .. })
    }

    pub const fn is_service(&self) -> bool {
        matches!(self, Self::Service | Self::Claimed { is_service: true, .. })
    }

    /// The same caller without what a token of theirs says besides, for who only asks what they may do.
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Claimed { is_service: true, .. } => Self::Service,
            Self::Claimed { is_service: false, .. } => Self::Anonymous,
            other => other,
        }
    }
}

/// Only an API token may carry what caps a role by scopes; a JWT that does is not believed.
fn believed(mut claims: Value) -> Value {
    if let Some(map) = claims.as_object_mut() {
        map.retain(|name, _| !matches!(&**name, "plimsoll_token_id" | "plimsoll_org_id" | "plimsoll_scopes"));
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_keeps_its_claims_and_gains_nothing_by_them() {
        let said = json!({
            "role": "authenticated", "sub": Uuid::nil(), "tenant": "t7",
            "plimsoll_scopes": ["admin"], "plimsoll_org_id": Uuid::nil(), "plimsoll_token_id": Uuid::nil(),
        });
        for (is_service, role) in [(true, "service_role"), (false, "anon")] {
            let actor = Actor::Claimed { is_service, claims: said.clone() };
            assert_eq!(actor.claims(), json!({"role": role, "sub": Uuid::nil(), "tenant": "t7"}));
            assert_eq!((actor.role(), actor.user_id()), (role, None));
            assert_eq!((actor.is_service(), actor.is_anonymous()), (is_service, !is_service));
            assert_eq!(actor.plain(), if is_service { Actor::Service } else { Actor::Anonymous });
        }
    }
}

//! On whose behalf a statement runs.

use serde_json::json;
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
    User { user_id: Uuid, claims: Option<serde_json::Value> },
    /// An API token: acts as the member who made it, within one org and at most with its scopes.
    Token { token_id: Uuid, org_id: Uuid, user_id: Uuid, scopes: Vec<String> },
    /// The service key, or the server itself.
    Service,
}

impl Actor {
    /// The database role the statement runs as.
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Anonymous => "anon",
            Self::User { .. } | Self::Token { .. } => "authenticated",
            Self::Service => "service_role",
        }
    }

    /// What `auth.uid()`, `auth.jwt()` and `registry.member_role()` read.
    pub fn claims(&self) -> serde_json::Value {
        match self {
            Self::Anonymous => json!({"role": "anon"}),
            Self::User { user_id, claims } => {
                let mut claims = claims.clone().unwrap_or_else(|| json!({}));
                claims["sub"] = json!(user_id);
                claims["role"] = json!("authenticated");
                // Only an API token may carry these; a JWT that does is not believed.
                if let Some(map) = claims.as_object_mut() {
                    map.remove("plimsoll_token_id");
                    map.remove("plimsoll_org_id");
                    map.remove("plimsoll_scopes");
                }
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
            Self::Anonymous | Self::Service => None,
        }
    }
}

//! The installation's keys, for its operator: `/api/ops/keys`.

mod list;
mod revoke;
mod rotate;

use axum::Router;
use axum::routing::{delete, get};
use jiff::Timestamp;
use plimsoll_db::Actor;
use plimsoll_db::registry::ServerKey;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::state::AppState;

pub(crate) use list::__path_list_keys;
pub(crate) use revoke::__path_revoke_key;
pub(crate) use rotate::__path_rotate_key;

const JWT_SECRET: &str = "jwt-secret";
/// The id of the JWT secret before the one in use.
const PREVIOUS_JWT_SECRET: &str = "jwt-secret.previous";

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/keys", get(list::list_keys).post(rotate::rotate_key))
        .route("/api/ops/keys/{key_id}", delete(revoke::revoke_key))
}

/// A key of the installation.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyShown {
    id: String,
    /// `publishable`, `secret`, `ingest`, `advisory`, `signing` or `jwt-secret`.
    kind: String,
    /// The key itself; absent of what only ever signs.
    key: Option<String>,
    /// Of a signing key: what others check its signatures with.
    #[schema(value_type = Option<Object>)]
    public_jwk: Option<Value>,
    /// False of the one before: it is good until the next change.
    in_use: bool,
    /// False where the key came with the server's settings and is changed there.
    managed: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl KeyShown {
    fn of(state: &AppState, row: &ServerKey) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind.clone(),
            key: state.keyring.open(row),
            public_jwk: row.public_jwk.clone(),
            in_use: row.superseded_at.is_none(),
            managed: true,
            created_at: Some(row.created_at),
            last_used_at: row.last_used_at,
        }
    }

    /// One that is not in the database.
    fn outside(id: String, kind: &str, key: Option<String>, in_use: bool, managed: bool) -> Self {
        let kind = kind.to_owned();
        Self { id, kind, key, public_jwk: None, in_use, managed, created_at: None, last_used_at: None }
    }
}

/// These keys are everybody's on this server: no member of an org has a say.
fn operator_only(actor: &Actor) -> Result<(), ApiError> {
    if *actor == Actor::Service {
        return Ok(());
    }
    Err(ApiError::forbidden("the server's own keys are its operator's: send the service key"))
}

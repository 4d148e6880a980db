use axum::extract::State;
use plimsoll_db::Actor;
use plimsoll_db::registry::Org;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Absent for the service key.
    user_id: Option<Uuid>,
    email: Option<String>,
    /// How the caller proved who they are: `user`, `token` or `service`.
    via: &'static str,
    /// A token's scopes.
    scopes: Vec<String>,
    /// The caller's orgs: id, name, slug, and the caller's role in each.
    #[schema(value_type = Vec<Object>)]
    orgs: Vec<Org>,
}

/// Who the caller is, and in which orgs.
#[utoipa::path(get, path = "/api/ops/me", tag = "account",
    responses((status = 200, description = "The caller.", body = Me),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody)))]
pub(crate) async fn me(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<Me>, ApiError> {
    let orgs = state.db.my_orgs(&actor).await?;
    let email = match actor.user_id() {
        Some(user_id) => state.db.email_of(user_id).await?,
        None => None,
    };
    let (via, scopes) = match &actor {
        Actor::Token { scopes, .. } => ("token", scopes.clone()),
        Actor::Service | Actor::Claimed { is_service: true, .. } => ("service", Vec::new()),
        Actor::User { .. } | Actor::Anonymous | Actor::Claimed { .. } => ("user", Vec::new()),
    };
    Ok(Json(Me { user_id: actor.user_id(), email, via, scopes, orgs }))
}

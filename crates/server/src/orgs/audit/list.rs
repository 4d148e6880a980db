use axum::extract::State;
use plimsoll_db::audit::AuditEntry;
use uuid::Uuid;

use super::AuditQuery;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path, Query};
use crate::state::AppState;

/// Who did what in the org, newest first.
#[utoipa::path(get, path = "/api/ops/orgs/{org_id}/audit", tag = "audit",
    params(("org_id" = Uuid, Path, description = "The org."), AuditQuery),
    responses((status = 200, description = "Entries: id, actor, actor_name, action, target, detail, created_at.", body = Vec<Object>),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_audit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Vec<AuditEntry>>, ApiError> {
    Ok(Json(state.db.audit_entries(&actor, org_id, &query.filter(100)).await?))
}

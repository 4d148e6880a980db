use axum::extract::State;
use plimsoll_db::registry::Org;

use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;

/// The caller's orgs, with the caller's role in each.
#[utoipa::path(get, path = "/api/ops/orgs", tag = "orgs",
    responses((status = 200, description = "Orgs by name: id, name, slug, role.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody)))]
pub(crate) async fn list_orgs(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Vec<Org>>, ApiError> {
    Ok(Json(state.db.my_orgs(&actor).await?))
}

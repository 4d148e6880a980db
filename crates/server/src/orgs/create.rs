use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answers::Created;
use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrg {
    name: String,
}

/// Makes an org; the caller becomes its owner.
#[utoipa::path(post, path = "/api/ops/orgs", tag = "orgs", request_body = NewOrg,
    responses((status = 201, description = "Made.", body = Created),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody)))]
pub(crate) async fn create_org(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Json(body): Json<NewOrg>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let id = state.db.create_org(&actor, &body.name).await?;
    Ok((StatusCode::CREATED, Json(Created { id })))
}

use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::links;
use crate::seal::webhook_owner;
use crate::state::AppState;
use crate::tokens::{self, Kind};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookProvider {
    /// `github` where left out.
    provider: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookSecret {
    /// Shown now and never again: enter it where the repository lives.
    secret: String,
    /// The payload URL to enter there, for every project of the org.
    url: String,
}

/// Makes a new webhook secret. The one before stays good until the next time. Admins only.
#[utoipa::path(put, path = "/api/ops/orgs/{org_id}/webhook-secret", tag = "orgs", request_body = WebhookProvider,
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 200, description = "The new secret, in this answer and nowhere else.", body = WebhookSecret),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn renew_webhook_secret(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<WebhookProvider>,
) -> Result<Json<WebhookSecret>, ApiError> {
    let provider = body.provider.as_deref().unwrap_or("github");
    let secret = tokens::generate(Kind::Webhook);
    let sealed = state.keys.seal(&webhook_owner(org_id, provider), secret.as_bytes());
    state.db.set_webhook_secret(&actor, org_id, provider, &sealed).await?;
    Ok(Json(WebhookSecret { secret, url: links::webhook(&state.config, &headers, provider, org_id) }))
}

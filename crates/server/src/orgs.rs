//! Orgs, and what belongs to an org as a whole.

mod audit;
mod create;
mod list;
mod members;
mod projects;
mod runners;
mod settings;
mod tokens;

use axum::Router;
use axum::routing::{delete, get, patch, put};

use crate::state::AppState;

pub(crate) use audit::{csv::__path_audit_csv, list::__path_list_audit};
pub(crate) use create::__path_create_org;
pub(crate) use list::__path_list_orgs;
pub(crate) use members::{
    invite::__path_invite_member, list::__path_list_members, remove::__path_remove_member, update::__path_update_member,
};
pub(crate) use projects::{create::__path_create_project, list::__path_list_org_projects};
pub(crate) use runners::{list::__path_list_runners, remove::__path_remove_runner};
pub(crate) use settings::{limit::__path_set_limit, webhook_secret::__path_renew_webhook_secret};
pub(crate) use tokens::{create::__path_create_token, list::__path_list_tokens, revoke::__path_revoke_token};

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/ops/orgs", get(list::list_orgs).post(create::create_org))
        .route(
            "/api/ops/orgs/{org_id}/projects",
            get(projects::list::list_org_projects).post(projects::create::create_project),
        )
        .route("/api/ops/orgs/{org_id}/members", get(members::list::list_members).post(members::invite::invite_member))
        .route(
            "/api/ops/orgs/{org_id}/members/{user_id}",
            patch(members::update::update_member).delete(members::remove::remove_member),
        )
        .route("/api/ops/orgs/{org_id}/tokens", get(tokens::list::list_tokens).post(tokens::create::create_token))
        .route("/api/ops/tokens/{token_id}", delete(tokens::revoke::revoke_token))
        .route("/api/ops/orgs/{org_id}/runners", get(runners::list::list_runners))
        .route("/api/ops/runners/{runner_id}", delete(runners::remove::remove_runner))
        .route("/api/ops/orgs/{org_id}/audit", get(audit::list::list_audit))
        .route("/api/ops/orgs/{org_id}/audit.csv", get(audit::csv::audit_csv))
        .route("/api/ops/orgs/{org_id}/webhook-secret", put(settings::webhook_secret::renew_webhook_secret))
        .route("/api/ops/orgs/{org_id}/limit", put(settings::limit::set_limit))
}

/// 404 unless the caller is a member of the org: for lists, which would else just be empty.
async fn require_visible(
    state: &AppState,
    actor: &plimsoll_db::Actor,
    org_id: uuid::Uuid,
) -> Result<(), crate::ApiError> {
    if state.db.my_orgs(actor).await?.iter().any(|org| org.id == org_id) {
        return Ok(());
    }
    Err(crate::ApiError::not_found(format!("there is no organisation {org_id} that you belong to")))
}

//! `/o/{org}/keys`: how a client connects, and the org's API tokens.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_core::status::Role;
use plimsoll_db::registry::ApiToken;
use serde::Serialize;
use uuid::Uuid;

use crate::ConsoleState;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::OrgVisit;

#[derive(Debug, Serialize)]
pub struct KeysView {
    pub org: OrgLink,
    pub may_admin: bool,
    /// The key that browsers and apps carry; nothing where it could not be read just now.
    pub publishable_key: Option<String>,
    pub tokens: Vec<TokenRow>,
}

#[derive(Debug, Serialize)]
pub struct TokenRow {
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub scopes: String,
    pub last_used: Option<Moment>,
    pub expires: Option<Moment>,
    /// Why it no longer works.
    pub state_words: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "keys.html")]
pub struct KeysPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a KeysView,
}

pub(crate) async fn show(
    OrgVisit { visit, org }: OrgVisit,
    State(state): State<ConsoleState>,
) -> Result<Response, Problem> {
    let shell = visit.shell(&org, "keys", "API keys");
    let may_admin = org.may(Role::Admin);
    let tokens = if may_admin { visit.db.list_api_tokens(&visit.actor, org.id).await? } else { Vec::new() };
    let view = KeysView {
        may_admin,
        publishable_key: (state.publishable_key)().await,
        tokens: tokens.into_iter().map(|token| token_row(token, visit.now)).collect(),
        org,
    };
    Ok(visit.face.show(&view, &KeysPage { shell: &shell, v: &view }))
}

fn token_row(token: ApiToken, now: Timestamp) -> TokenRow {
    TokenRow {
        id: token.id,
        name: token.name,
        prefix: token.prefix,
        scopes: token.scopes.join(", "),
        last_used: token.last_used_at.map(|at| Moment::new(at, now)),
        expires: token.expires_at.map(|at| Moment::new(at, now)),
        state_words: token.expires_at.filter(|at| *at <= now).map(|_| "expired"),
    }
}

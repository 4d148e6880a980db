//! `/password`: where a one-time link leads. Who was invited and has no password yet is asked to choose one, since the
//! link works no second time; everybody else goes on to where they were going.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use plimsoll_core::local_path;
use plimsoll_db::Actor;
use serde::{Deserialize, Serialize};

use crate::assets;
use crate::problem::Problem;
use crate::visit::Visit;

#[derive(Debug, Serialize)]
pub struct PasswordView {
    pub email: String,
    /// The page to go to afterwards, on this server.
    pub next: String,
}

#[derive(Template)]
#[template(path = "password.html")]
pub struct PasswordPage<'a> {
    pub assets: &'static str,
    pub v: &'a PasswordView,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PasswordQuery {
    next: Option<String>,
}

pub(crate) async fn show(visit: Visit, Query(query): Query<PasswordQuery>) -> Result<Response, Problem> {
    let next = local_path(query.next.as_deref()).to_owned();
    let is_person = matches!(visit.actor, Actor::User { .. });
    match &visit.email {
        Some(email) if is_person && !visit.has_password().await? && was_invited(&visit).await? => {
            let view = PasswordView { email: email.clone(), next };
            Ok(visit.face.show(&view, &PasswordPage { assets: assets::base(), v: &view }))
        }
        _ => Ok(Redirect::to(&next).into_response()),
    }
}

/// Whoever was an org's first member made it, and has other ways in: `plimsoll up` and `plimsoll signin-link` print
/// links for the first owner as often as wanted, and need not stop at a question each time.
async fn was_invited(visit: &Visit) -> Result<bool, Problem> {
    for org in &visit.orgs {
        let members = visit.db.list_members(&visit.actor, org.id).await?;
        let first = members.iter().min_by_key(|member| member.created_at);
        if first.is_some_and(|member| Some(member.user_id) == visit.actor.user_id()) {
            return Ok(false);
        }
    }
    Ok(true)
}

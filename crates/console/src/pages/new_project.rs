//! `/o/{org}/projects/new`.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use plimsoll_core::status::Role;
use plimsoll_db::Actor;
use serde::Serialize;

use crate::ConsoleState;
use crate::answer::Face;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::Visit;

#[derive(Debug, Serialize)]
pub struct NewProjectView {
    pub org: OrgLink,
}

#[derive(Template)]
#[template(path = "project_new.html")]
pub struct NewProjectPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a NewProjectView,
}

pub(crate) async fn show(
    State(state): State<ConsoleState>,
    Extension(actor): Extension<Actor>,
    Path(org): Path<String>,
    face: Face,
) -> Result<Response, Problem> {
    let visit = Visit::of(&state.db, &actor).await?;
    let org = visit.org(&org)?;
    if !org.may(Role::Admin) {
        return Err(Problem::forbidden("Projects are added by admins. Ask one of yours."));
    }
    let shell = visit.shell(&org, "projects", "New project").crumb("New project");
    let view = NewProjectView { org };
    Ok(face.show(&view, &NewProjectPage { shell: &shell, v: &view }))
}

//! `/o/{org}/projects/new`.

use askama::Template;
use axum::response::Response;
use plimsoll_core::status::Role;
use serde::Serialize;

use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::OrgVisit;

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

pub(crate) async fn show(OrgVisit { visit, org }: OrgVisit) -> Result<Response, Problem> {
    if !org.may(Role::Admin) {
        return Err(Problem::forbidden("Projects are added by admins. Ask one of yours."));
    }
    let shell = visit.shell(&org, "projects", "New project").crumb("New project");
    let view = NewProjectView { org };
    Ok(visit.face.show(&view, &NewProjectPage { shell: &shell, v: &view }))
}

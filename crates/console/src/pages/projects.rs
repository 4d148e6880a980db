//! `/o/{org}/projects`: what there is to build, and how it stands.

use askama::Template;
use axum::extract::Path;
use axum::response::{Redirect, Response};
use jiff::Timestamp;
use plimsoll_core::status::Role;
use plimsoll_db::projects::Project;
use serde::Serialize;
use uuid::Uuid;

use crate::badge::Badge;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::{OrgVisit, Visit};

#[derive(Debug, Serialize)]
pub struct ProjectsView {
    pub org: OrgLink,
    pub projects: Vec<ProjectRow>,
    pub may_create: bool,
}

#[derive(Debug, Serialize)]
pub struct ProjectRow {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub href: String,
    pub repo_url: String,
    pub branch_count: i64,
    pub status: Badge,
    pub last_build_at: Option<Moment>,
}

#[derive(Template)]
#[template(path = "projects.html")]
pub struct ProjectsPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a ProjectsView,
}

pub(crate) async fn show(OrgVisit { visit, org }: OrgVisit) -> Result<Response, Problem> {
    let listed = visit.db.list_projects(&visit.actor).await?.into_iter();
    let own = listed.filter(|project| project.org_id == org.id && project.status == "active");
    let projects = own.map(|project| row(project, &org.slug, visit.now)).collect();
    let view = ProjectsView { may_create: org.may(Role::Admin), projects, org };
    let shell = visit.shell(&view.org, "projects", "Projects");
    Ok(visit.face.show(&view, &ProjectsPage { shell: &shell, v: &view }))
}

fn row(project: Project, org_slug: &str, now: Timestamp) -> ProjectRow {
    ProjectRow {
        id: project.id,
        href: format!("/o/{org_slug}/projects/{}", project.slug),
        slug: project.slug,
        name: project.name,
        repo_url: project.repo_url,
        branch_count: project.branch_count,
        status: Badge::health(project.last_build_status.as_deref().and_then(|status| status.parse().ok())),
        last_build_at: project.last_build_at.map(|at| Moment::new(at, now)),
    }
}

/// `/`: the projects of the reader's first org.
pub(crate) async fn home(visit: Visit) -> Result<Redirect, Problem> {
    let first = visit.orgs.first().ok_or_else(|| visit.without_org())?;
    Ok(Redirect::to(&format!("/o/{}/projects", first.slug)))
}

/// `/projects/{id}`: to the address with names in it, which may change while the id does not.
pub(crate) async fn by_id(visit: Visit, Path(id): Path<Uuid>) -> Result<Redirect, Problem> {
    let project = visit.db.project(&visit.actor, id).await?;
    let org = visit.orgs.iter().find(|org| org.id == project.org_id);
    let org = org.ok_or_else(|| Problem::not_found("There is no such project."))?;
    Ok(Redirect::to(&format!("/o/{}/projects/{}", org.slug, project.slug)))
}

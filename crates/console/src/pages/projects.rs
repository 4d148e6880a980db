//! `/o/{org}/projects`: what there is to build, and how it stands.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use jiff::Timestamp;
use plimsoll_core::status::Role;
use plimsoll_db::Actor;
use plimsoll_db::projects::Project;
use serde::Serialize;
use uuid::Uuid;

use crate::ConsoleState;
use crate::answer::Face;
use crate::badge::Badge;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::Visit;

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

pub(crate) async fn show(
    State(state): State<ConsoleState>,
    Extension(actor): Extension<Actor>,
    Path(org): Path<String>,
    face: Face,
) -> Result<Response, Problem> {
    let visit = Visit::of(&state.db, &actor).await?;
    let org = visit.org(&org)?;
    let now = Timestamp::now();
    let listed = state.db.list_projects(&actor).await?.into_iter();
    let projects =
        listed.filter(|p| p.org_id == org.id && p.status == "active").map(|p| row(p, &org.slug, now)).collect();
    let view = ProjectsView { may_create: org.may(Role::Admin), projects, org };
    let shell = visit.shell(&view.org, "projects", "Projects");
    Ok(face.show(&view, &ProjectsPage { shell: &shell, v: &view }))
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
pub(crate) async fn home(
    State(state): State<ConsoleState>,
    Extension(actor): Extension<Actor>,
) -> Result<Redirect, Problem> {
    let visit = Visit::of(&state.db, &actor).await?;
    let first = visit.orgs.first();
    let first =
        first.ok_or_else(|| Problem::not_found("You belong to no organisation. Ask an admin for an invitation."))?;
    Ok(Redirect::to(&format!("/o/{}/projects", first.slug)))
}

/// `/projects/{id}`: to the address with names in it, which may change while the id does not.
pub(crate) async fn by_id(
    State(state): State<ConsoleState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let visit = Visit::of(&state.db, &actor).await?;
    let project = state.db.project(&actor, id).await?;
    let org = visit.orgs.iter().find(|org| org.id == project.org_id);
    let org = org.ok_or_else(|| Problem::not_found("There is no such project."))?;
    Ok(Redirect::to(&format!("/o/{}/projects/{}", org.slug, project.slug)))
}

//! `/o/{org}/settings`: members, webhook, secrets, limits, and the caller's own password.

use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_core::status::Role;
use plimsoll_db::registry::Member;
use plimsoll_db::{Actor, Db};
use serde::Serialize;
use uuid::Uuid;

use crate::moment::Moment;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::{OrgVisit, Visit};

/// Projects whose secrets are listed on the page.
const MOST_PROJECTS: usize = 50;

#[derive(Debug, Serialize)]
pub struct SettingsView {
    pub org: OrgLink,
    pub may_admin: bool,
    pub members: Vec<MemberRow>,
    /// Roles the caller may give.
    pub roles: Vec<Role>,
    pub secrets: Vec<ProjectSecrets>,
    /// Builds the org may run at a time.
    pub max_running: Option<i32>,
    /// The reader can sign in without a link.
    pub has_password: bool,
}

#[derive(Debug, Serialize)]
pub struct MemberRow {
    pub user_id: Uuid,
    pub email: String,
    pub role: Role,
    pub invited: bool,
    pub is_you: bool,
}

#[derive(Debug, Serialize)]
pub struct ProjectSecrets {
    pub id: Uuid,
    pub name: String,
    pub secrets: Vec<SecretRow>,
}

#[derive(Debug, Serialize)]
pub struct SecretRow {
    pub name: String,
    pub updated: Moment,
}

#[derive(Template)]
#[template(path = "settings.html")]
pub struct SettingsPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a SettingsView,
}

pub(crate) async fn show(OrgVisit { visit, org }: OrgVisit) -> Result<Response, Problem> {
    let shell = visit.shell(&org, "settings", "Settings");
    let view = load(&visit, org).await?;
    Ok(visit.face.show(&view, &SettingsPage { shell: &shell, v: &view }))
}

async fn load(visit: &Visit, org: OrgLink) -> Result<SettingsView, Problem> {
    let Visit { db, actor, now, .. } = visit;
    let may_admin = org.may(Role::Admin);
    let members = db.list_members(actor, org.id).await?.into_iter().filter(|member| member.status != "removed");
    let mut view = SettingsView {
        may_admin,
        members: members.map(|member| member_row(member, actor.user_id())).collect(),
        roles: Role::ALL.iter().copied().filter(|role| org.may(*role)).collect(),
        secrets: Vec::new(),
        max_running: None,
        has_password: visit.has_password().await?,
        org,
    };
    if may_admin {
        view.secrets = secrets(db, actor, view.org.id, *now).await?;
        view.max_running = db.org_limit(actor, view.org.id).await?;
    }
    Ok(view)
}

fn member_row(member: Member, you: Option<Uuid>) -> MemberRow {
    MemberRow {
        is_you: Some(member.user_id) == you,
        user_id: member.user_id,
        email: member.email.unwrap_or_else(|| "(no address)".into()),
        role: member.role,
        invited: member.status == "invited",
    }
}

async fn secrets(db: &Db, actor: &Actor, org_id: Uuid, now: Timestamp) -> Result<Vec<ProjectSecrets>, Problem> {
    let projects = db.list_projects(actor).await?.into_iter();
    let mut out = Vec::new();
    for project in projects.filter(|p| p.org_id == org_id && p.status == "active").take(MOST_PROJECTS) {
        let listed = db.list_project_secrets(actor, project.id).await?.into_iter();
        let rows = listed.map(|secret| SecretRow { name: secret.name, updated: Moment::new(secret.updated_at, now) });
        out.push(ProjectSecrets { id: project.id, name: project.name, secrets: rows.collect() });
    }
    Ok(out)
}

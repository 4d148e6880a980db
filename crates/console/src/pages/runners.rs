//! `/o/{org}/runners`.

use askama::Template;
use axum::response::Response;
use plimsoll_core::status::Role;
use serde::Serialize;
use uuid::Uuid;

use crate::badge::Badge;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::shell::{OrgLink, Shell};
use crate::visit::OrgVisit;

#[derive(Debug, Serialize)]
pub struct RunnersView {
    pub org: OrgLink,
    pub runners: Vec<RunnerRow>,
}

#[derive(Debug, Serialize)]
pub struct RunnerRow {
    pub id: Uuid,
    pub name: String,
    pub status: Badge,
    /// Serves every org.
    pub shared: bool,
    pub host: String,
    pub os: String,
    pub arch: String,
    pub version: String,
    pub slots: i32,
    /// Builds of this org that it runs now.
    pub running: usize,
    pub sandbox: String,
    pub seen: Moment,
    pub may_remove: bool,
}

#[derive(Template)]
#[template(path = "runners.html")]
pub struct RunnersPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a RunnersView,
}

pub(crate) async fn show(OrgVisit { visit, org }: OrgVisit) -> Result<Response, Problem> {
    let may_remove = org.may(Role::Admin);
    let listed = visit.db.list_runners(&visit.actor, org.id).await?.into_iter();
    let runners = listed.map(|runner| RunnerRow {
        id: runner.id,
        name: runner.name,
        status: Badge::online(runner.online),
        shared: runner.org_id.is_none(),
        host: runner.host,
        os: runner.os,
        arch: runner.arch,
        version: runner.version,
        slots: runner.slots,
        running: runner.running_builds.len(),
        sandbox: sandbox_words(&runner.sandbox_level),
        seen: Moment::new(runner.last_seen_at, visit.now),
        may_remove: may_remove && runner.org_id.is_some(),
    });
    let view = RunnersView { runners: runners.collect(), org };
    let shell = visit.shell(&view.org, "runners", "Runners");
    Ok(visit.face.show(&view, &RunnersPage { shell: &shell, v: &view }))
}

pub(crate) fn sandbox_words(level: &str) -> String {
    if level == "none" { "no sandbox".into() } else { level.into() }
}

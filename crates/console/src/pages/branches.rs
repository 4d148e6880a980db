//! `/o/{org}/projects/{project}`: the branches in three lanes.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_core::status::{Role, Stage};
use plimsoll_db::projects::{Branch, Project, SyncState};
use serde::Serialize;
use uuid::Uuid;

use crate::badge::Badge;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::shell::{ProjectLink, Shell};
use crate::visit::OrgVisit;

#[derive(Debug, Serialize)]
pub struct BranchesView {
    pub project: ProjectHead,
    pub lanes: Vec<Lane>,
    pub is_empty: bool,
    pub may_build: bool,
}

#[derive(Debug, Serialize)]
pub struct ProjectHead {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub repo_url: String,
    pub default_branch: String,
    pub synced_at: Option<Moment>,
    pub sync_error: Option<String>,
    /// The branches are about to be read.
    pub syncing: bool,
}

#[derive(Debug, Serialize)]
pub struct Lane {
    pub stage: Stage,
    pub title: &'static str,
    /// What an empty lane says.
    #[serde(skip)]
    pub hint: &'static str,
    /// Its branches may be moved to another lane.
    pub movable: bool,
    pub branches: Vec<BranchCard>,
}

#[derive(Debug, Serialize)]
pub struct BranchCard {
    pub id: Uuid,
    pub name: String,
    /// The last build, or the branch's builds where there is none.
    pub href: String,
    pub status: Badge,
    pub build_count: i64,
    pub last_build_id: Option<Uuid>,
    pub last_build_at: Option<Moment>,
}

impl Lane {
    pub fn new(stage: Stage, branches: Vec<BranchCard>) -> Self {
        let (title, hint) = match stage {
            Stage::Production => ("Production", "The default branch of the repository stands here."),
            Stage::Staging => ("Staging", "Move a branch here to have its newest commit tried before production."),
            Stage::Development => ("Development", "Every other branch stands here. Push one to begin."),
        };
        Self { stage, title, hint, movable: stage != Stage::Production, branches }
    }
}

#[derive(Template)]
#[template(path = "branches.html")]
pub struct BranchesPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a BranchesView,
}

pub(crate) async fn show(
    OrgVisit { visit, org }: OrgVisit,
    Path((_, project)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let project = visit.db.project_by_slug(&visit.actor, &org.slug, &project).await?;
    let branches = visit.db.project_branches(&visit.actor, project.id).await?;
    let sync = visit.db.sync_state(&visit.actor, project.id).await?;
    let base = format!("/o/{}/projects/{}", org.slug, project.slug);
    let link = ProjectLink { id: project.id, slug: project.slug.clone(), name: project.name.clone() };
    let shell = visit.shell(&org, "branches", &project.name).within(&link);
    let live: Vec<Branch> = branches.into_iter().filter(|branch| branch.status != "archived").collect();
    let lane = |stage: Stage| {
        let own = live.iter().filter(|branch| branch.stage == stage.as_str());
        Lane::new(stage, own.map(|branch| card(branch, &base, visit.now)).collect())
    };
    let view = BranchesView {
        project: head(project, sync, visit.now),
        is_empty: live.is_empty(),
        lanes: vec![lane(Stage::Production), lane(Stage::Staging), lane(Stage::Development)],
        may_build: org.may(Role::Developer),
    };
    Ok(visit.face.show(&view, &BranchesPage { shell: &shell, v: &view }))
}

fn head(project: Project, sync: SyncState, now: Timestamp) -> ProjectHead {
    ProjectHead {
        id: project.id,
        slug: project.slug,
        name: project.name,
        repo_url: project.repo_url,
        default_branch: project.default_branch,
        synced_at: sync.synced_at.map(|at| Moment::new(at, now)),
        syncing: sync.sync_requested_at.is_some(),
        sync_error: sync.sync_error,
    }
}

fn card(branch: &Branch, base: &str, now: Timestamp) -> BranchCard {
    BranchCard {
        id: branch.id,
        name: branch.name.clone(),
        href: match branch.last_build_id {
            Some(build_id) => format!("/builds/{build_id}"),
            None => format!("{base}/builds?branch={}", branch.id),
        },
        status: Badge::health(branch.last_build_status.as_deref().and_then(|status| status.parse().ok())),
        build_count: branch.build_count,
        last_build_id: branch.last_build_id,
        last_build_at: branch.last_build_at.map(|at| Moment::new(at, now)),
    }
}

//! From a project's builds to the view.

use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_core::status::{BuildStatus, Role, Stage};
use plimsoll_db::builds::{BuildFilter, BuildRow as Row};
use plimsoll_db::projects::Branch;
use serde::Deserialize;
use uuid::Uuid;

use super::{BranchOption, BuildRow, BuildsPage, BuildsView, Cell, MatrixRow, StatusOption};
use crate::badge::Badge;
use crate::moment::{Moment, took};
use crate::pages::build::subject;
use crate::problem::{Problem, escape_query};
use crate::shell::{OrgLink, ProjectLink};
use crate::visit::OrgVisit;

/// Builds listed in full.
const LISTED: usize = 20;
/// Builds the matrix is drawn from.
const LOOKED_AT: i32 = 300;
const MATRIX_ROWS: usize = 8;
const MATRIX_CELLS: usize = 12;

/// Texts, so that an empty choice of the form means none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BuildsQuery {
    branch: String,
    status: String,
    before: String,
}

impl BuildsQuery {
    fn filter(&self) -> Result<BuildFilter, Problem> {
        let bad = |what: &str, given: &str| Problem::not_found(format!("{given:?} is no {what}."));
        let given = |text: &'_ str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let branch_id = given(&self.branch).map(|text| text.parse().map_err(|_| bad("branch", &text))).transpose()?;
        let status =
            given(&self.status).map(|text| text.parse().map_err(|_| bad("build status", &text))).transpose()?;
        let before = given(&self.before).map(|text| text.parse().map_err(|_| bad("time", &text))).transpose()?;
        Ok(BuildFilter { branch_id, status, before })
    }
}

pub(crate) async fn show(
    OrgVisit { visit, org }: OrgVisit,
    Path((_, project)): Path<(String, String)>,
    Query(query): Query<BuildsQuery>,
) -> Result<Response, Problem> {
    let filter = query.filter()?;
    let project = visit.db.project_by_slug(&visit.actor, &org.slug, &project).await?;
    let branches = visit.db.project_branches(&visit.actor, project.id).await?;
    let rows = visit.db.project_builds(&visit.actor, project.id, filter, LOOKED_AT).await?;
    let link = ProjectLink { id: project.id, slug: project.slug, name: project.name };
    let shell = visit.shell(&org, "builds", &format!("Builds of {}", link.name)).within(&link);
    let view = view(&org, link, &query, filter, &branches, &rows, visit.now);
    Ok(visit.face.show(&view, &BuildsPage { shell: &shell, v: &view }))
}

fn view(
    org: &OrgLink,
    project: ProjectLink,
    query: &BuildsQuery,
    filter: BuildFilter,
    branches: &[Branch],
    rows: &[Row],
    now: Timestamp,
) -> BuildsView {
    let branches_href = format!("/o/{}/projects/{}", org.slug, project.slug);
    let href = format!("{branches_href}/builds");
    let older = rows.get(LISTED).and_then(|_| rows.get(LISTED - 1)).map(|last| last.created_at.to_string());
    let (matrix, branches_not_shown) = match filter.before {
        None => matrix(rows, &href, now),
        Some(_) => (Vec::new(), 0),
    };
    let developer = org.may(Role::Developer);
    let option = |branch: &Branch| BranchOption {
        id: branch.id,
        name: branch.name.clone(),
        selected: filter.branch_id == Some(branch.id),
    };
    let status = |status: &BuildStatus| StatusOption {
        key: status.as_str(),
        word: Badge::from(*status).word,
        selected: filter.status == Some(*status),
    };
    BuildsView {
        filtered: filter.branch_id.is_some() || filter.status.is_some() || filter.before.is_some(),
        branches: branches.iter().filter(|branch| branch.status != "archived").map(option).collect(),
        statuses: BuildStatus::ALL.iter().map(status).collect(),
        rows: matrix,
        branches_not_shown,
        builds: rows.iter().take(LISTED).map(|row| build(row, developer, now)).collect(),
        older_href: older.map(|before| {
            format!("{href}?branch={}&status={}&before={}", query.branch, query.status, escape_query(&before))
        }),
        href,
        branches_href,
        project,
    }
}

/// The branches with the newest builds, and how many more there are. Production first, then by age of the last build.
fn matrix(rows: &[Row], href: &str, now: Timestamp) -> (Vec<MatrixRow>, usize) {
    let mut out: Vec<(Uuid, MatrixRow)> = Vec::new();
    for row in rows {
        let at = match out.iter().position(|(id, _)| *id == row.branch_id) {
            Some(at) => at,
            None => {
                let stage = row.stage.parse().unwrap_or(Stage::Development);
                let href = format!("{href}?branch={}", row.branch_id);
                out.push((
                    row.branch_id,
                    MatrixRow { branch: row.branch_name.clone(), stage, href, cells: Vec::new() },
                ));
                out.len() - 1
            }
        };
        let cells = &mut out[at].1.cells;
        if cells.len() < MATRIX_CELLS {
            let when = Moment::new(row.created_at, now);
            cells.push(Cell { id: row.id, number: row.build_number, status: status(row).into(), when });
        }
    }
    out.sort_by_key(|(_, row)| row.stage);
    let more = out.len().saturating_sub(MATRIX_ROWS);
    (out.into_iter().take(MATRIX_ROWS).map(|(_, row)| row).collect(), more)
}

fn status(row: &Row) -> BuildStatus {
    row.status.parse().unwrap_or(BuildStatus::Queued)
}

fn build(row: &Row, developer: bool, now: Timestamp) -> BuildRow {
    let status = status(row);
    let seconds = row.duration_seconds.map(|seconds| i64::from(seconds) * 1_000);
    let running_since = row.started_at.filter(|_| status == BuildStatus::Running);
    BuildRow {
        id: row.id,
        number: row.build_number,
        status: status.into(),
        subject: subject(row.commit_message.as_deref(), &row.trigger),
        sha: row.commit_sha.as_deref().map(|sha| sha.chars().take(7).collect()),
        branch: row.branch_name.clone(),
        took: match (running_since, seconds) {
            (Some(since), _) => took(crate::moment::between(since, now)),
            (None, Some(milliseconds)) => took(milliseconds),
            (None, None) => "–".into(),
        },
        running_since,
        when: Moment::new(row.created_at, now),
        may_cancel: developer && !status.is_terminal() && !row.cancel_requested,
        may_rebuild: developer && status.is_terminal(),
    }
}

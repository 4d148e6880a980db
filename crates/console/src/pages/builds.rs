//! `/o/{org}/projects/{project}/builds`: a row a branch and a cell a build, then the builds in full.

mod load;

use askama::Template;
use jiff::Timestamp;
use plimsoll_core::status::Stage;
use serde::Serialize;
use uuid::Uuid;

use crate::badge::Badge;
use crate::moment::Moment;
use crate::shell::{ProjectLink, Shell};

pub(crate) use load::show;

#[derive(Debug, Serialize)]
pub struct BuildsView {
    pub project: ProjectLink,
    #[serde(skip)]
    pub href: String,
    #[serde(skip)]
    pub branches_href: String,
    pub filtered: bool,
    pub branches: Vec<BranchOption>,
    #[serde(skip)]
    pub statuses: Vec<StatusOption>,
    pub rows: Vec<MatrixRow>,
    pub branches_not_shown: usize,
    pub builds: Vec<BuildRow>,
    pub older_href: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct BranchOption {
    pub id: Uuid,
    pub name: String,
    pub selected: bool,
}

#[derive(Debug)]
pub struct StatusOption {
    pub key: &'static str,
    pub word: &'static str,
    pub selected: bool,
}

#[derive(Debug, Serialize)]
pub struct MatrixRow {
    pub branch: String,
    pub stage: Stage,
    pub href: String,
    /// Newest first.
    pub cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
pub struct Cell {
    pub id: Uuid,
    pub number: i32,
    pub status: Badge,
    pub when: Moment,
}

#[derive(Debug, Serialize)]
pub struct BuildRow {
    pub id: Uuid,
    pub number: i32,
    pub status: Badge,
    /// First line of the commit's message, or what else is known of the build.
    pub subject: String,
    pub sha: Option<String>,
    pub branch: String,
    pub took: String,
    pub running_since: Option<Timestamp>,
    pub when: Moment,
    pub may_cancel: bool,
    pub may_rebuild: bool,
}

#[derive(Template)]
#[template(path = "builds.html")]
pub struct BuildsPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a BuildsView,
}

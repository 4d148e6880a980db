//! `/builds/{build_id}`: one build, live.

mod detail;
mod load;
mod words;

use askama::Template;
use jiff::Timestamp;
use plimsoll_core::status::Stage;
use serde::Serialize;
use uuid::Uuid;

use crate::ansi::Line;
use crate::badge::Badge;
use crate::moment::Moment;
use crate::shell::{OrgLink, ProjectLink, Shell};

pub(crate) use load::show;
pub(crate) use words::subject;

#[derive(Debug, Serialize)]
pub struct BuildView {
    pub id: Uuid,
    pub number: i32,
    pub org: OrgLink,
    pub project: ProjectLink,
    pub branch: BranchLink,
    pub status: Badge,
    pub is_over: bool,
    pub cancelling: bool,
    pub may_cancel: bool,
    pub may_rebuild: bool,
    /// First line of the commit's message, or what else is known of the build.
    pub subject: String,
    pub commit: Option<CommitFacts>,
    pub failure_reason: Option<String>,
    #[serde(skip)]
    pub reason_words: &'static str,
    pub error_message: Option<String>,
    pub first_error_line: Option<i64>,
    pub trigger: String,
    #[serde(skip)]
    pub trigger_words: &'static str,
    pub rebuild_of: Option<Uuid>,
    pub recipe: Option<String>,
    pub sandbox: Option<String>,
    pub runner: Option<String>,
    pub created: Moment,
    pub started: Option<Moment>,
    pub finished: Option<Moment>,
    pub took: String,
    pub running_since: Option<Timestamp>,
    pub waited: Option<String>,
    pub why: Option<WhyQueued>,
    pub phases: Vec<PhaseView>,
    pub tests: Option<TestsView>,
    pub artifacts: Vec<ArtifactView>,
    pub attempts: Vec<AttemptView>,
    pub fenced: Vec<FencedView>,
    pub log_lines: i64,
    #[serde(skip)]
    pub head_lines: Vec<Line>,
    #[serde(skip)]
    pub tail_lines: Vec<Line>,
    #[serde(skip)]
    pub lines_between: i64,
}

#[derive(Debug, Serialize)]
pub struct BranchLink {
    pub id: Uuid,
    pub name: String,
    pub stage: Stage,
    #[serde(skip)]
    pub href: String,
}

#[derive(Debug, Serialize)]
pub struct CommitFacts {
    pub sha: String,
    #[serde(skip)]
    pub short: String,
    pub message: Option<String>,
    /// As git has it: name and address.
    pub author: Option<String>,
    #[serde(skip)]
    pub author_name: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct WhyQueued {
    pub reason: String,
    #[serde(skip)]
    pub title: &'static str,
    pub message: String,
    /// 1 is next.
    pub position: Option<i64>,
    pub estimate: Option<String>,
    pub next_attempt: Option<Moment>,
    pub blocking_build_id: Option<Uuid>,
}

#[derive(Debug, Serialize)]
pub struct PhaseView {
    pub phase: String,
    #[serde(skip)]
    pub title: &'static str,
    pub steps: Vec<StepView>,
}

#[derive(Debug, Serialize)]
pub struct StepView {
    pub name: String,
    pub status: Badge,
    pub command: Option<String>,
    pub exit_code: Option<i32>,
    pub first_line: Option<i64>,
    pub took: String,
    pub running_since: Option<Timestamp>,
    #[serde(skip)]
    pub bar: Option<Bar>,
}

/// Where a step stands within the attempt's time, in per cent of it.
#[derive(Debug, Clone, Copy)]
pub struct Bar {
    pub start_pct: u32,
    pub width_pct: u32,
}

#[derive(Debug, Serialize)]
pub struct TestsView {
    pub total: i64,
    pub passed: i64,
    pub failed: i64,
    pub skipped: i64,
    pub newly_failing: usize,
    pub took: String,
    pub cases: Vec<CaseView>,
    pub not_shown: usize,
}

#[derive(Debug, Serialize)]
pub struct CaseView {
    pub suite: String,
    pub name: String,
    pub status: Badge,
    pub newly_failing: bool,
    pub took: String,
    pub failure: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct ArtifactView {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub size: String,
    pub size_bytes: i64,
    pub sha256: String,
}

#[derive(Debug, Serialize)]
pub struct AttemptView {
    pub attempt: i32,
    pub runner: String,
    pub token: i64,
    pub outcome: String,
    pub detail: Option<String>,
    pub claimed: Moment,
}

#[derive(Debug, Serialize)]
pub struct FencedView {
    pub operation: String,
    pub token: i64,
    pub live_token: Option<i64>,
    pub runner: String,
    pub when: Moment,
}

#[derive(Template)]
#[template(path = "build.html")]
pub struct BuildPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a BuildView,
}

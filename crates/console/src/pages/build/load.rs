//! From the database to the view of one build.

use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_core::log::Kind;
use plimsoll_core::status::{BuildStatus, Level, Phase, Role, TestOutcome};
use plimsoll_db::builds::BuildTest;
use plimsoll_db::logs::LogLine;
use plimsoll_db::{Actor, Db, DbError};
use serde::Deserialize;
use uuid::Uuid;

use super::detail::{Attempt, Build, Detail, Lease, Step};
use super::{
    ArtifactView, AttemptView, Bar, BranchLink, BuildPage, BuildView, CaseView, CommitFacts, FencedView, PhaseView,
    StepView, TestsView, WhyQueued, words,
};
use crate::ansi::Line;
use crate::answer::Face;
use crate::moment::{Moment, between, size, took};
use crate::pages::runners::sandbox_words;
use crate::problem::Problem;
use crate::shell::{OrgLink, ProjectLink};
use crate::visit::Visit;

/// Lines of the log that the page itself carries, from its start and from its end, for readers without scripts.
const HEAD_LINES: i32 = 60;
const TAIL_LINES: i32 = 120;
/// Text the page spends on each of the two.
const LINES_BUDGET_BYTES: usize = 9_000;
const MOST_CASES: usize = 60;
const CASES_BUDGET_BYTES: usize = 12_000;
const MOST_FAILURE_CHARS: usize = 2_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BuildQuery {
    /// Given by the page's script when it only wants what changes: no lines then.
    live: Option<String>,
}

pub(crate) async fn show(
    visit: Visit,
    Path(build_id): Path<Uuid>,
    Query(query): Query<BuildQuery>,
) -> Result<Response, Problem> {
    let detail = visit.db.build_detail(&visit.actor, build_id).await?;
    let detail: Detail = serde_json::from_value(detail).map_err(|error| Problem::fault(&error))?;
    let org = visit.orgs.iter().find(|org| org.id == detail.org.id).cloned().unwrap_or_else(|| OrgLink {
        id: detail.org.id,
        slug: detail.org.slug.clone(),
        name: detail.org.name.clone(),
        role: None,
    });
    let mut view = view(detail, org, visit.now);
    complete(&visit.db, &visit.actor, &mut view).await?;
    if query.live.is_none() && visit.face == Face::Page {
        lines(&visit.db, &visit.actor, &mut view).await?;
    }
    let title = format!("#{} {} {}", view.number, view.project.name, view.branch.name);
    let shell =
        visit.shell(&view.org, "builds", &title).within(&view.project).crumb(format!("#{}", view.number)).wide();
    Ok(visit.face.show(&view, &BuildPage { shell: &shell, v: &view }))
}

fn view(detail: Detail, org: OrgLink, now: Timestamp) -> BuildView {
    let project =
        ProjectLink { id: detail.project.id, slug: detail.project.slug.clone(), name: detail.project.name.clone() };
    let builds_href = format!("/o/{}/projects/{}/builds", org.slug, project.slug);
    let developer = org.may(Role::Developer);
    let Detail { build, branch, lease, attempts, steps, artifacts, fenced_writes, .. } = detail;
    let status = build.status;
    let cancelling = lease.as_ref().is_some_and(|lease| lease.cancel_requested_at.is_some());
    let runner = runner(lease.as_ref(), &attempts);
    BuildView {
        id: build.id,
        number: build.build_number,
        branch: BranchLink {
            href: format!("{builds_href}?branch={}", branch.id),
            id: branch.id,
            name: branch.name,
            stage: branch.stage,
        },
        status: status.into(),
        is_over: status.is_terminal(),
        cancelling,
        may_cancel: developer && !status.is_terminal(),
        may_rebuild: developer && status.is_terminal(),
        subject: words::subject(build.commit_message.as_deref(), &build.trigger),
        reason_words: words::reason(build.failure_reason.as_deref()),
        error_message: banner(&build),
        first_error_line: build.first_error_line.filter(|_| status != BuildStatus::Success),
        trigger_words: words::trigger(&build.trigger),
        took: duration(&build, now),
        running_since: build.started_at.filter(|_| status == BuildStatus::Running),
        waited: build.started_at.map(|at| between(build.created_at, at)).filter(|ms| *ms >= 1_000).map(took),
        created: Moment::new(build.created_at, now),
        started: build.started_at.map(|at| Moment::new(at, now)),
        finished: build.finished_at.map(|at| Moment::new(at, now)),
        sandbox: build.sandbox_level.as_deref().map(sandbox_words),
        phases: phases(steps, now),
        attempts: attempt_views(lease, attempts, now),
        artifacts: artifacts
            .into_iter()
            .map(|a| ArtifactView {
                id: a.id,
                name: a.name,
                kind: a.r#type,
                size: size(a.size_bytes),
                size_bytes: a.size_bytes,
                sha256: a.sha256,
            })
            .collect(),
        fenced: fenced_writes
            .into_iter()
            .map(|write| FencedView {
                operation: write.operation,
                token: write.token,
                live_token: write.live_token,
                runner: write.runner_id.unwrap_or_else(|| "unknown runner".into()),
                when: Moment::new(write.refused_at, now),
            })
            .collect(),
        tests: build.test_results.as_ref().map(totals),
        why: None,
        log_lines: detail.next_line - 1,
        head_lines: Vec::new(),
        tail_lines: Vec::new(),
        lines_between: 0,
        rebuild_of: build.rebuild_of,
        recipe: build.recipe,
        runner,
        failure_reason: build.failure_reason,
        commit: build.commit_sha.map(|sha| CommitFacts {
            short: sha.chars().take(7).collect(),
            message: build.commit_message,
            author_name: build.commit_author.as_deref().map(words::author_name),
            author: build.commit_author,
            sha,
        }),
        trigger: build.trigger,
        project,
        org,
    }
}

fn runner(lease: Option<&Lease>, attempts: &[Attempt]) -> Option<String> {
    let live = lease.map(|lease| lease.runner_name.as_ref().unwrap_or(&lease.runner_id));
    let last = attempts.last().map(|attempt| attempt.runner_name.as_ref().unwrap_or(&attempt.runner_id));
    live.or(last).cloned()
}

/// What the page says of a build that did not succeed.
fn banner(build: &Build) -> Option<String> {
    let ended_badly = matches!(build.status, BuildStatus::Failed | BuildStatus::Cancelled);
    ended_badly.then(|| build.error_message.clone().unwrap_or_default())
}

fn duration(build: &Build, now: Timestamp) -> String {
    match (build.started_at, build.finished_at) {
        (Some(from), Some(to)) => took(between(from, to)),
        (Some(from), None) => took(between(from, now)),
        (None, Some(_)) => "never started".into(),
        (None, None) => "not started".into(),
    }
}

fn attempt_views(lease: Option<Lease>, attempts: Vec<Attempt>, now: Timestamp) -> Vec<AttemptView> {
    let ended = attempts.into_iter().map(|attempt| AttemptView {
        attempt: attempt.attempt,
        runner: attempt.runner_name.unwrap_or(attempt.runner_id),
        token: attempt.token,
        outcome: words::outcome(&attempt.outcome).into(),
        detail: attempt.detail,
        claimed: Moment::new(attempt.claimed_at, now),
    });
    let live = lease.map(|lease| AttemptView {
        attempt: lease.attempt,
        runner: lease.runner_name.unwrap_or(lease.runner_id),
        token: lease.token,
        outcome: "Running".into(),
        detail: None,
        claimed: Moment::new(lease.claimed_at, now),
    });
    ended.chain(live).collect()
}

/// Steps under the phase they belong to, each with its place in the time from the first start to the last end.
fn phases(steps: Vec<Step>, now: Timestamp) -> Vec<PhaseView> {
    let first = steps.iter().filter_map(|step| step.started_at).min();
    let last = steps.iter().filter_map(|step| step.started_at.map(|_| step.finished_at.unwrap_or(now))).max();
    let span = first.zip(last).map(|(first, last)| (first, between(first, last).max(1)));
    let mut out: Vec<PhaseView> = Vec::new();
    for step in steps {
        let view = step_view(&step, span, now);
        match out.last_mut().filter(|phase| phase.phase == step.phase) {
            Some(phase) => phase.steps.push(view),
            None => out.push(PhaseView { title: words::phase(&step.phase), phase: step.phase, steps: vec![view] }),
        }
    }
    out
}

fn step_view(step: &Step, span: Option<(Timestamp, i64)>, now: Timestamp) -> StepView {
    let milliseconds = step.started_at.map(|from| between(from, step.finished_at.unwrap_or(now)));
    let share = |part: i64, whole: i64| u32::try_from((part * 100 / whole).clamp(0, 100)).unwrap_or(0);
    let bar = span.zip(step.started_at).zip(milliseconds).map(|(((first, whole), from), own)| {
        let start_pct = share(between(first, from), whole).min(99);
        Bar { start_pct, width_pct: share(own, whole).clamp(1, 100 - start_pct) }
    });
    StepView {
        name: step.name.clone(),
        status: step.status.into(),
        command: step.command.clone(),
        exit_code: step.exit_code,
        first_line: step.first_line,
        took: milliseconds.map(took).unwrap_or_default(),
        running_since: step.started_at.filter(|_| step.finished_at.is_none()),
        bar,
    }
}

fn totals(results: &serde_json::Value) -> TestsView {
    let count = |name: &str| results[name].as_i64().unwrap_or(0);
    let seconds = results["execution_time_seconds"].as_f64().unwrap_or(0.0);
    TestsView {
        total: count("total"),
        passed: count("passed"),
        failed: count("failed"),
        skipped: count("skipped"),
        newly_failing: 0,
        took: took((seconds * 1_000.0) as i64),
        cases: Vec::new(),
        not_shown: 0,
    }
}

/// Adds what other functions of the database know.
async fn complete(db: &Db, actor: &Actor, view: &mut BuildView) -> Result<(), Problem> {
    if view.status.key == BuildStatus::Queued.as_str() {
        let now = Timestamp::now();
        let why = db.why_queued(actor, view.id).await?;
        view.why = Some(WhyQueued {
            reason: words::wait_code(why.reason),
            title: words::wait(why.reason),
            message: why.message,
            position: why.position,
            estimate: why.estimate_seconds.map(|seconds| took((seconds * 1_000.0) as i64)),
            next_attempt: why.next_attempt_at.map(|at| Moment::new(at, now)),
            blocking_build_id: why.blocking_build_id,
        });
    }
    if let Some(tests) = &mut view.tests {
        add_cases(tests, db.build_tests(actor, view.id).await?);
    }
    Ok(())
}

fn add_cases(tests: &mut TestsView, cases: Vec<BuildTest>) {
    tests.newly_failing = cases.iter().filter(|case| case.newly_failed).count();
    let all = cases.len();
    let mut spent = 0;
    for case in cases.into_iter().take(MOST_CASES) {
        let failure: Option<String> = case.failure.map(|text| text.chars().take(MOST_FAILURE_CHARS).collect());
        spent += case.suite.len() + case.name.len() + failure.as_ref().map_or(0, String::len);
        if spent > CASES_BUDGET_BYTES {
            break;
        }
        tests.cases.push(CaseView {
            suite: case.suite,
            name: case.name,
            status: case.outcome.into(),
            newly_failing: case.newly_failed,
            took: took((case.duration_seconds * 1_000.0) as i64),
            failure: failure.filter(|_| case.outcome == TestOutcome::Failed),
        });
    }
    tests.not_shown = all - tests.cases.len();
}

async fn lines(db: &Db, actor: &Actor, view: &mut BuildView) -> Result<(), DbError> {
    if view.log_lines == 0 {
        return Ok(());
    }
    let head = db.log_lines(actor, view.id, 1, HEAD_LINES).await?;
    view.head_lines = within_budget(head.into_iter());
    let shown_to = view.head_lines.last().map_or(0, |line| line.number);
    let from = (view.log_lines - i64::from(TAIL_LINES) + 1).max(shown_to + 1);
    if from <= view.log_lines {
        let tail = db.log_lines(actor, view.id, from, TAIL_LINES).await?;
        view.tail_lines = within_budget(tail.into_iter().rev());
        view.tail_lines.reverse();
    }
    let goes_on_at = view.tail_lines.first().map_or(view.log_lines + 1, |line| line.number);
    view.lines_between = goes_on_at - shown_to - 1;
    Ok(())
}

fn within_budget(lines: impl Iterator<Item = LogLine>) -> Vec<Line> {
    let mut spent = 0;
    lines
        .map(|line| {
            let phase = line.phase.parse().unwrap_or(Phase::System);
            let level = line.level.parse().unwrap_or(Level::Info);
            Line::new(line.line, Kind::new(phase, level), &line.message)
        })
        .take_while(|line| {
            spent += 60 + line.pieces.iter().map(|piece| piece.text.len() + 20).sum::<usize>();
            spent <= LINES_BUDGET_BYTES
        })
        .collect()
}

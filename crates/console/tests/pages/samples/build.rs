//! One build in each of its states.

use jiff::SignedDuration;
use plimsoll_console::ansi::Line;
use plimsoll_console::pages::build::{
    ArtifactView, AttemptView, Bar, BranchLink, BuildView, CaseView, CommitFacts, FencedView, PhaseView, StepView,
    TestsView, WhyQueued,
};
use plimsoll_core::log::Kind;
use plimsoll_core::status::{BuildStatus, Level, Phase, Stage, StepStatus, TestOutcome};

use super::{SUBJECTS, ago, id, now, org, project};

fn step(name: &str, status: StepStatus, took: &str, line: Option<i64>, bar: Option<(u32, u32)>) -> StepView {
    StepView {
        name: name.into(),
        status: status.into(),
        command: Some(name.into()),
        exit_code: None,
        first_line: line,
        took: took.into(),
        running_since: (status == StepStatus::Running).then(|| now() - SignedDuration::from_secs(21)),
        bar: bar.map(|(start_pct, width_pct)| Bar { start_pct, width_pct }),
    }
}

fn phases(status: BuildStatus) -> Vec<PhaseView> {
    let last = match status {
        BuildStatus::Queued => return vec![],
        BuildStatus::Running => StepStatus::Running,
        BuildStatus::Success => StepStatus::Success,
        BuildStatus::Failed => StepStatus::Failed,
        BuildStatus::Cancelled => StepStatus::Cancelled,
    };
    let after = if status == BuildStatus::Success { StepStatus::Success } else { StepStatus::Pending };
    let phase = |title: &'static str, steps| PhaseView { phase: title.to_lowercase(), title, steps };
    vec![
        phase("Checkout", vec![step("Check out 4f2a91c", StepStatus::Success, "1.8s", Some(2), Some((0, 3)))]),
        phase(
            "Build",
            vec![
                step("cargo fetch", StepStatus::Success, "6.2s", Some(14), Some((3, 4))),
                step("cargo build --workspace", StepStatus::Success, "1m 32s", Some(60), Some((7, 50))),
            ],
        ),
        phase("Test", vec![step("cargo nextest run", last, "1m 12s", Some(412), Some((57, 43)))]),
        phase("Package", vec![step("cargo build --release", after, "", None, None)]),
    ]
}

fn lines(from: i64, count: i64) -> Vec<Line> {
    let texts = [
        "\u{1b}[1m\u{1b}[32m   Compiling\u{1b}[0m serde v1.0.228",
        "\u{1b}[1m\u{1b}[32m   Compiling\u{1b}[0m plimsoll-core v0.1.0 (/work/crates/core)",
        "\u{1b}[33mwarning\u{1b}[0m: unused variable: `basket`",
        "        \u{1b}[32mPASS\u{1b}[0m [   0.014s] shop basket::adds_up",
    ];
    (0..count).map(|n| Line::new(from + n, Kind::new(Phase::Build, Level::Info), texts[(n % 4) as usize])).collect()
}

pub(crate) fn build(status: BuildStatus) -> BuildView {
    let running = status == BuildStatus::Running;
    let queued = status == BuildStatus::Queued;
    let failed = status == BuildStatus::Failed;
    BuildView {
        id: id(500),
        number: 128,
        org: org(),
        project: project(),
        branch: BranchLink {
            id: id(13),
            name: "feature/pay-twice".into(),
            stage: Stage::Development,
            href: "/o/acme/projects/shop/builds?branch=13".into(),
        },
        status: status.into(),
        is_over: status.is_terminal(),
        cancelling: false,
        may_cancel: !status.is_terminal(),
        may_rebuild: status.is_terminal(),
        subject: SUBJECTS[0].into(),
        commit: Some(CommitFacts {
            sha: "4f2a91c0d5e6f7081920a1b2c3d4e5f60718293a".into(),
            short: "4f2a91c".into(),
            message: Some(SUBJECTS[0].into()),
            author: Some("Ada Lovelace <ada@acme.example>".into()),
            author_name: Some("Ada Lovelace".into()),
        }),
        failure_reason: failed.then(|| "step_failed".into()),
        reason_words: if failed { "A step failed." } else { "Cancelled." },
        error_message: match status {
            BuildStatus::Failed => Some("cargo nextest run ended with exit code 100.".into()),
            BuildStatus::Cancelled => Some("Superseded by build #129.".into()),
            _ => None,
        },
        first_error_line: failed.then_some(3_817),
        trigger: "commit".into(),
        trigger_words: "pushed",
        rebuild_of: None,
        recipe: Some("plimsoll.toml".into()),
        sandbox: Some("bubblewrap".into()),
        runner: (!queued).then(|| "harbour-1".into()),
        created: ago(205),
        started: (!queued).then(|| ago(190)),
        finished: status.is_terminal().then(|| ago(5)),
        took: if queued { "not started".into() } else { "3m 05s".into() },
        running_since: running.then(|| now() - SignedDuration::from_secs(185)),
        waited: (!queued).then(|| "15s".into()),
        why: queued.then(|| WhyQueued {
            reason: "branch_busy".into(),
            title: "Waiting for this branch",
            message: "Build #127 of feature/pay-twice is running; one build of a branch runs at a time.".into(),
            position: Some(3),
            estimate: Some("4m 00s".into()),
            next_attempt: None,
            blocking_build_id: Some(id(499)),
        }),
        phases: phases(status),
        tests: status.is_terminal().then(tests),
        artifacts: if status.is_terminal() { artifacts() } else { vec![] },
        attempts: if queued { vec![] } else { attempts() },
        fenced: if failed {
            vec![FencedView {
                operation: "append log".into(),
                token: 8_101,
                live_token: Some(8_107),
                runner: "harbour-2".into(),
                when: ago(160),
            }]
        } else {
            vec![]
        },
        log_lines: if queued { 0 } else { 100_000 },
        head_lines: if queued { vec![] } else { lines(1, 60) },
        tail_lines: if queued { vec![] } else { lines(99_941, 60) },
        lines_between: if queued { 0 } else { 99_880 },
    }
}

fn tests() -> TestsView {
    let case = |name: &str, outcome: TestOutcome, newly_failing: bool, failure: Option<&str>| CaseView {
        suite: "shop::basket".into(),
        name: name.into(),
        status: outcome.into(),
        newly_failing,
        took: "0.1s".into(),
        failure: failure.map(Into::into),
    };
    TestsView {
        total: 412,
        passed: 405,
        failed: 2,
        skipped: 5,
        newly_failing: 1,
        took: "41s".into(),
        cases: vec![
            case(
                "charges_once",
                TestOutcome::Failed,
                true,
                Some("assertion `left == right` failed\n  left: 2\n right: 1\n  at src/pay.rs:88:9"),
            ),
            case("tax_lines", TestOutcome::Failed, false, Some("no tax table for country `XX`")),
            case("adds_up", TestOutcome::Passed, false, None),
        ],
        not_shown: 409,
    }
}

fn artifacts() -> Vec<ArtifactView> {
    let artifact = |n, name: &str, kind: &str, size: &str| ArtifactView {
        id: id(n),
        name: name.into(),
        kind: kind.into(),
        size: size.into(),
        size_bytes: 1_000,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
    };
    vec![artifact(700, "target/release/shop", "image", "18.4 MB"), artifact(701, "junit.xml", "report", "88.1 kB")]
}

fn attempts() -> Vec<AttemptView> {
    let attempt = |attempt, outcome: &str, token, runner: &str, detail: Option<&str>| AttemptView {
        attempt,
        runner: runner.into(),
        token,
        outcome: outcome.into(),
        detail: detail.map(Into::into),
        claimed: ago(200 - 10 * i64::from(attempt)),
    };
    vec![
        attempt(1, "Lost", 8_101, "harbour-2", Some("no heartbeat for 30 s")),
        attempt(2, "Finished", 8_107, "harbour-1", None),
    ]
}

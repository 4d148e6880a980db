//! Sample data for every page: no state of a page without a sample.

use jiff::{SignedDuration, Timestamp};
use plimsoll_console::ansi::Line;
use plimsoll_console::badge::Badge;
use plimsoll_console::moment::Moment;
use plimsoll_console::pages::audit::{AuditRow, AuditView};
use plimsoll_console::pages::branches::{BranchCard, BranchesView, Lane, ProjectHead};
use plimsoll_console::pages::build::{
    ArtifactView, AttemptView, Bar, BranchLink, BuildView, CaseView, CommitFacts, FencedView, PhaseView, StepView,
    TestsView, WhyQueued,
};
use plimsoll_console::pages::builds::{BranchOption, BuildRow, BuildsView, Cell, MatrixRow, StatusOption};
use plimsoll_console::pages::projects::{ProjectRow, ProjectsView};
use plimsoll_console::pages::runners::{RunnerRow, RunnersView};
use plimsoll_console::pages::settings::{MemberRow, ProjectSecrets, SecretRow, SettingsView, TokenRow};
use plimsoll_console::shell::{OrgLink, ProjectLink, Shell, Viewer};
use plimsoll_core::log::Kind;
use plimsoll_core::status::{BuildStatus, Level, Phase, Role, Stage, StepStatus, TestOutcome};
use uuid::Uuid;

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> Moment {
    Moment::new(now() - SignedDuration::from_secs(seconds), now())
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn org() -> OrgLink {
    OrgLink { id: id(1), slug: "acme".into(), name: "Acme".into(), role: Some(Role::Owner) }
}

fn project() -> ProjectLink {
    ProjectLink { id: id(2), slug: "shop".into(), name: "shop".into() }
}

pub(crate) fn org_shell(section: &'static str, title: &str) -> Shell {
    let viewer = Viewer::new("ada.lovelace@acme.example", Some(Role::Owner));
    let mut shell = Shell::of_org(Some(viewer), &org(), &[org()], section, title);
    shell.assets = "/assets/0";
    shell
}

pub(crate) fn project_shell(section: &'static str, title: &str) -> Shell {
    org_shell(section, title).within(&project())
}

pub(crate) fn build_shell() -> Shell {
    project_shell("builds", "#128 shop").crumb("#128").wide()
}

const STATUSES: [BuildStatus; 6] = [
    BuildStatus::Success,
    BuildStatus::Success,
    BuildStatus::Failed,
    BuildStatus::Success,
    BuildStatus::Cancelled,
    BuildStatus::Success,
];

const SUBJECTS: [&str; 6] = [
    "Charge the card once when a customer presses pay twice",
    "Read prices from the catalogue service",
    "Speed up the product search by an index on (shop, lower(name))",
    "Move to Rust 1.95",
    "Send receipts in the customer's own language, with the tax lines that the country of delivery asks for",
    "Fix a flaky test of the basket",
];

pub(crate) fn projects(count: usize) -> ProjectsView {
    let names =
        ["shop", "billing", "search", "mobile-app", "docs", "infrastructure", "prototype-with-a-very-long-name-indeed"];
    let last = [Some(BuildStatus::Success), Some(BuildStatus::Running), Some(BuildStatus::Failed)];
    let row = |(n, name): (usize, &&str)| ProjectRow {
        id: id(n as u128),
        slug: (*name).into(),
        name: (*name).into(),
        href: format!("/o/acme/projects/{name}"),
        repo_url: format!("https://github.com/acme/{name}.git"),
        branch_count: [14, 3, 1, 0, 2, 8, 1][n],
        status: Badge::health(if n == 6 { None } else { last[n % 3] }),
        last_build_at: (n != 6).then(|| ago(7_400 * n as i64 + 60)),
    };
    ProjectsView { org: org(), projects: names.iter().take(count).enumerate().map(row).collect(), may_create: true }
}

pub(crate) fn branches(filled: bool) -> BranchesView {
    let card = |n: u128, name: &str, last: Option<BuildStatus>| BranchCard {
        id: id(n),
        name: name.into(),
        href: format!("/builds/{}", id(n)),
        status: Badge::health(last),
        build_count: if last.is_some() { 12 * n as i64 - 110 } else { 0 },
        last_build_id: last.map(|_| id(n)),
        last_build_at: last.map(|_| ago(900 * n as i64)),
    };
    let (production, staging, development) = if filled {
        (
            vec![card(10, "main", Some(BuildStatus::Success))],
            vec![
                card(11, "staging", Some(BuildStatus::Running)),
                card(12, "release/2026-11", Some(BuildStatus::Success)),
            ],
            vec![
                card(13, "feature/pay-twice", Some(BuildStatus::Failed)),
                card(14, "feature/receipts-in-every-language-with-tax-lines", Some(BuildStatus::Success)),
                card(15, "fix/flaky-basket", Some(BuildStatus::Cancelled)),
                card(16, "spike/edge", None),
            ],
        )
    } else {
        (vec![], vec![], vec![])
    };
    BranchesView {
        project: ProjectHead {
            id: id(2),
            slug: "shop".into(),
            name: "shop".into(),
            repo_url: "https://github.com/acme/shop.git".into(),
            default_branch: "main".into(),
            synced_at: Some(ago(240)),
            sync_error: (!filled).then(|| {
                "fatal: could not read from remote repository: check the URL and that this machine may read it.".into()
            }),
            syncing: false,
        },
        is_empty: !filled,
        lanes: vec![
            Lane::new(Stage::Production, production),
            Lane::new(Stage::Staging, staging),
            Lane::new(Stage::Development, development),
        ],
        may_build: true,
    }
}

pub(crate) fn builds(count: usize) -> BuildsView {
    let status = |n: usize| if n == 0 { BuildStatus::Running } else { STATUSES[n % 6] };
    let branches = ["main", "staging", "feature/pay-twice", "fix/flaky-basket"];
    let stages = [Stage::Production, Stage::Staging, Stage::Development, Stage::Development];
    let build = |n: usize| BuildRow {
        id: id(100 + n as u128),
        number: 128 - n as i32,
        status: status(n).into(),
        subject: SUBJECTS[n % 6].into(),
        sha: Some("4f2a91c".into()),
        branch: branches[n % 4].into(),
        took: "3m 05s".into(),
        running_since: (n == 0).then(|| now() - SignedDuration::from_secs(185)),
        when: ago(2_000 * n as i64 + 185),
        may_cancel: n == 0,
        may_rebuild: n != 0,
    };
    let cell = |n: usize| Cell {
        id: id(100 + n as u128),
        number: 128 - n as i32,
        status: status(n).into(),
        when: ago(2_000 * n as i64),
    };
    let row = |b: usize| MatrixRow {
        branch: branches[b].into(),
        stage: stages[b],
        href: format!("/o/acme/projects/shop/builds?branch={}", id(b as u128)),
        cells: (0..count).filter(|n| n % 4 == b).map(cell).collect(),
    };
    BuildsView {
        project: project(),
        href: "/o/acme/projects/shop/builds".into(),
        branches_href: "/o/acme/projects/shop".into(),
        filtered: false,
        branches: branches
            .iter()
            .map(|name| BranchOption { id: id(9), name: (*name).into(), selected: false })
            .collect(),
        statuses: vec![StatusOption { key: "failed", word: "Failed", selected: false }],
        rows: (0..4.min(count)).map(row).collect(),
        branches_not_shown: 0,
        builds: (0..count).map(build).collect(),
        older_href: (count > 20).then(|| "/o/acme/projects/shop/builds?before=1".into()),
    }
}

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

pub(crate) fn runners(count: usize) -> RunnersView {
    let runner = |n: usize| RunnerRow {
        id: id(n as u128),
        name: format!("harbour-{}", n + 1),
        status: Badge::online(n != 2),
        shared: n == 0,
        host: "build.acme.example".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        version: "0.1.0".into(),
        slots: n as i32 + 1,
        running: 1,
        sandbox: "bubblewrap".into(),
        seen: ago(if n == 2 { 86_400 } else { 3 }),
        may_remove: n != 0,
    };
    RunnersView { org: org(), runners: (0..count).map(runner).collect() }
}

pub(crate) fn audit() -> AuditView {
    let actions = ["build.cancel", "branch.stage", "member.invite", "token.create", "project.create"];
    let row = |n: usize| AuditRow {
        id: n as i64,
        when: ago(4_000 * n as i64),
        actor: "ada.lovelace@acme.example".into(),
        action: actions[n % 5].into(),
        target: "shop/feature/pay-twice#128".into(),
        detail: if n.is_multiple_of(2) { "{\"from\":\"development\",\"to\":\"staging\"}".into() } else { String::new() },
    };
    AuditView {
        org: org(),
        href: "/o/acme/audit".into(),
        csv_href: "/api/ops/orgs/1/audit.csv".into(),
        actor: String::new(),
        action: String::new(),
        filtered: false,
        entries: (0..14).map(row).collect(),
        older_href: Some("/o/acme/audit?before=1".into()),
    }
}

pub(crate) fn settings() -> SettingsView {
    let member = |n: u128, email: &str, role, invited| MemberRow {
        user_id: id(n),
        email: email.into(),
        role,
        invited,
        is_you: n == 1,
    };
    SettingsView {
        org: org(),
        may_admin: true,
        members: vec![
            member(1, "ada.lovelace@acme.example", Role::Owner, false),
            member(2, "grace@acme.example", Role::Developer, false),
            member(3, "edsger@acme.example", Role::Viewer, true),
        ],
        roles: Role::ALL.to_vec(),
        tokens: vec![
            TokenRow {
                id: id(1),
                name: "CI on GitHub".into(),
                prefix: "plim_api_4fT2".into(),
                scopes: "read, build".into(),
                last_used: Some(ago(600)),
                expires: Some(ago(-86_400 * 20)),
                state_words: None,
            },
            TokenRow {
                id: id(2),
                name: "old laptop".into(),
                prefix: "plim_api_9aQx".into(),
                scopes: "admin".into(),
                last_used: None,
                expires: None,
                state_words: Some("revoked"),
            },
        ],
        secrets: vec![ProjectSecrets {
            id: id(2),
            name: "shop".into(),
            secrets: vec![SecretRow { name: "NPM_TOKEN".into(), updated: ago(90_000) }],
        }],
        max_running: Some(4),
    }
}

//! Sample data for every page: no state of a page without a sample.

use jiff::{SignedDuration, Timestamp};
use plimsoll_console::badge::Badge;
use plimsoll_console::moment::Moment;
use plimsoll_console::pages::audit::{AuditRow, AuditView};
use plimsoll_console::pages::branches::{BranchCard, BranchesView, Lane, ProjectHead};
use plimsoll_console::pages::builds::{BranchOption, BuildRow, BuildsView, Cell, MatrixRow, StatusOption};
use plimsoll_console::pages::keys::{KeysView, TokenRow};
use plimsoll_console::pages::projects::{ProjectRow, ProjectsView};
use plimsoll_console::pages::runners::{RunnerRow, RunnersView};
use plimsoll_console::pages::settings::{MemberRow, ProjectSecrets, SecretRow, SettingsView};
use plimsoll_console::shell::{OrgLink, ProjectLink, Shell, Viewer};
use plimsoll_core::status::{BuildStatus, Role, Stage};
use uuid::Uuid;

mod build;

pub(crate) use build::build;

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
        target: format!("user:{}", id(n as u128)),
        target_name: (n % 5 == 2).then(|| "grace@acme.example".into()),
        detail: if n.is_multiple_of(2) {
            "{\"from\":\"development\",\"to\":\"staging\"}".into()
        } else {
            String::new()
        },
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

pub(crate) fn settings(has_password: bool) -> SettingsView {
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
        secrets: vec![ProjectSecrets {
            id: id(2),
            name: "shop".into(),
            secrets: vec![SecretRow { name: "NPM_TOKEN".into(), updated: ago(90_000) }],
        }],
        max_running: Some(4),
        has_password,
    }
}

pub(crate) fn keys(may_admin: bool) -> KeysView {
    KeysView {
        org: org(),
        may_admin,
        publishable_key: Some("sb_publishable_9f2Kq7WcT4mZx1RbYh3VnLs8Jd6Pa0Ge_4c1f7a2e".into()),
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
    }
}

//! Every page from sample data: the HTML skeletons are snapshots. With `PLIMSOLL_PAGES_DIR` set the pages are written
//! there as well, to be looked at.

mod samples;
mod skeleton;

use askama::Template;
use plimsoll_console::pages::{
    audit, branches, build, builds, keys, new_project, no_org, password, projects, runners, settings, sign_in,
};
use plimsoll_core::status::BuildStatus;

/// Bytes a page may have without its assets.
const PAGE_BUDGET_BYTES: usize = 60_000;

fn check(name: &str, page: &impl Template) {
    let html = page.render().unwrap_or_else(|error| panic!("{name} does not render: {error}"));
    if let Ok(dir) = std::env::var("PLIMSOLL_PAGES_DIR") {
        std::fs::write(format!("{dir}/{name}.html"), &html).unwrap();
    }
    assert!(html.len() < PAGE_BUDGET_BYTES, "{name} has {} bytes", html.len());
    assert!(!html.contains(" style=") && !html.contains("<style"), "{name}: the CSP refuses inline styles");
    assert!(!html.contains(" onclick") && !html.contains("<script>"), "{name}: the CSP refuses inline scripts");
    insta::assert_snapshot!(name, skeleton::of(&html));
}

#[test]
fn projects_page() {
    let shell = samples::org_shell("projects", "Projects");
    check("projects", &projects::ProjectsPage { shell: &shell, v: &samples::projects(7) });
    check("projects_empty", &projects::ProjectsPage { shell: &shell, v: &samples::projects(0) });
}

#[test]
fn new_project_page() {
    let shell = samples::org_shell("projects", "New project").crumb("New project");
    check(
        "project_new",
        &new_project::NewProjectPage { shell: &shell, v: &new_project::NewProjectView { org: samples::org() } },
    );
}

#[test]
fn branches_page() {
    let shell = samples::project_shell("branches", "shop");
    check("branches", &branches::BranchesPage { shell: &shell, v: &samples::branches(true) });
    check("branches_empty", &branches::BranchesPage { shell: &shell, v: &samples::branches(false) });
}

#[test]
fn builds_page() {
    let shell = samples::project_shell("builds", "Builds");
    check("builds", &builds::BuildsPage { shell: &shell, v: &samples::builds(24) });
    check("builds_empty", &builds::BuildsPage { shell: &shell, v: &samples::builds(0) });
}

#[test]
fn build_page() {
    let shell = samples::build_shell();
    for status in BuildStatus::ALL {
        let name = format!("build_{status}");
        check(&name, &build::BuildPage { shell: &shell, v: &samples::build(*status) });
    }
}

#[test]
fn runners_page() {
    let shell = samples::org_shell("runners", "Runners");
    check("runners", &runners::RunnersPage { shell: &shell, v: &samples::runners(3) });
    check("runners_empty", &runners::RunnersPage { shell: &shell, v: &samples::runners(0) });
}

#[test]
fn audit_page() {
    let shell = samples::org_shell("audit", "Audit");
    check("audit", &audit::AuditPage { shell: &shell, v: &samples::audit() });
}

#[test]
fn keys_page() {
    let shell = samples::org_shell("keys", "API keys");
    check("keys", &keys::KeysPage { shell: &shell, v: &samples::keys(true) });
    check("keys_viewer", &keys::KeysPage { shell: &shell, v: &samples::keys(false) });
}

#[test]
fn settings_page() {
    let shell = samples::org_shell("settings", "Settings");
    check("settings", &settings::SettingsPage { shell: &shell, v: &samples::settings(true) });
    check("settings_no_password", &settings::SettingsPage { shell: &shell, v: &samples::settings(false) });
}

#[test]
fn sign_in_page() {
    let view =
        || sign_in::SignInView { token: None, next: "/".into(), bad_link: None, problem: None, is_signed_in: false };
    let check = |name, view: sign_in::SignInView| check(name, &sign_in::SignInPage { assets: "/assets/0", v: &view });
    check("signin", view());
    check("signin_link", sign_in::SignInView { token: Some("plim_lnk_x".into()), ..view() });
    let bad_link = Some(sign_in::BadLink::NOT_GOOD);
    check("signin_bad_link", sign_in::SignInView { bad_link, ..view() });
    check("signin_bad_link_signed_in", sign_in::SignInView { bad_link, is_signed_in: true, ..view() });
}

#[test]
fn password_page() {
    let view = password::PasswordView { email: "grace@acme.example".into(), next: "/o/acme/projects".into() };
    check("password", &password::PasswordPage { assets: "/assets/0", v: &view });
}

#[test]
fn page_of_somebody_without_an_organisation() {
    check("no_org", &no_org::NoOrgPage { assets: "/assets/0", email: "grace@acme.example" });
}

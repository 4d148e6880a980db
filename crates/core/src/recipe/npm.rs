use serde::Deserialize;

use super::{Fit, Listing};
use crate::build_file::{BuildFile, StepSpec};
use crate::status::Phase;

/// The parts of package.json that matter here. Whatever is odd in it is npm's to complain about.
#[derive(Debug, Default, Deserialize)]
struct Package {
    #[serde(default)]
    scripts: serde_json::Map<String, serde_json::Value>,
    #[serde(default, rename = "packageManager")]
    package_manager: Option<String>,
}

struct Manager {
    command: &'static str,
    install: &'static str,
    lock: &'static str,
}

const NPM_CI: Manager = Manager { command: "npm", install: "npm ci --no-audit --no-fund", lock: "package-lock.json" };
const NPM: Manager = Manager { command: "npm", install: "npm install --no-audit --no-fund", lock: "" };
const PNPM: Manager = Manager { command: "pnpm", install: "pnpm install --frozen-lockfile", lock: "pnpm-lock.yaml" };
const YARN: Manager = Manager { command: "yarn", install: "yarn install --frozen-lockfile", lock: "yarn.lock" };
/// Yarn from version 2 on calls it differently.
const BERRY: Manager = Manager { command: "yarn", install: "yarn install --immutable", lock: "yarn.lock" };

fn manager(listing: &Listing, package: &Package) -> Manager {
    let named = package.package_manager.as_deref().unwrap_or_default();
    if listing.has("pnpm-lock.yaml") {
        PNPM
    } else if listing.has("yarn.lock") {
        let modern = listing.has(".yarnrc.yml") || (named.starts_with("yarn@") && !named.starts_with("yarn@1"));
        if modern { BERRY } else { YARN }
    } else if listing.has("package-lock.json") || listing.has("npm-shrinkwrap.json") {
        NPM_CI
    } else {
        NPM
    }
}

/// What `npm init` writes, which only fails.
fn is_placeholder(script: &str) -> bool {
    script.contains("no test specified")
}

pub(super) fn fit(listing: &Listing) -> Option<Fit> {
    if !listing.has("package.json") {
        return None;
    }
    let package: Package =
        listing.text("package.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let manager = manager(listing, &package);
    let script =
        |name: &str| package.scripts.get(name).and_then(|script| script.as_str()).filter(|s| !s.trim().is_empty());
    // Node ships corepack, which fetches the manager that is missing.
    let ready = match manager.command {
        "npm" => String::new(),
        other => format!("command -v {other} >/dev/null 2>&1 || {other}() {{ corepack {other} \"$@\"; }}\n"),
    };
    let mut steps = vec![StepSpec::new("Install", Phase::Build, format!("{ready}{}", manager.install))];
    let mut does = vec!["installs the dependencies"];
    if script("build").is_some() {
        steps.push(StepSpec::new("Build", Phase::Build, format!("{ready}{} run build", manager.command)));
        does.push("runs the script build");
    }
    if script("test").is_some_and(|test| !is_placeholder(test)) {
        let mut test = StepSpec::new("Test", Phase::Test, format!("{ready}{} run test", manager.command));
        test.test_reports = vec!["junit.xml".into(), "test-results/**/*.xml".into(), "reports/junit/*.xml".into()];
        steps.push(test);
        does.push("runs the script test");
    } else {
        does.push("there is no script test to run");
    }
    let mut file = BuildFile::of_steps(steps);
    file.env.insert("CI".into(), "true".into());
    file.cache.push("node_modules".into());
    let lock = if manager.lock.is_empty() { "no lock file".to_owned() } else { manager.lock.to_owned() };
    Some(Fit {
        found: "package.json".into(),
        plan: format!("with {} ({lock}) it {}", manager.command, does.join(", ")),
        file,
    })
}

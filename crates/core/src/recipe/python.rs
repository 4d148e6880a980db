use super::{Fit, Listing};
use crate::build_file::{BuildFile, StepSpec};
use crate::status::Phase;

const MANIFESTS: &[&str] = &["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"];
const REQUIREMENTS: &[&str] = &[
    "requirements.txt",
    "requirements-dev.txt",
    "dev-requirements.txt",
    "requirements-test.txt",
    "test-requirements.txt",
];
/// Each step is a shell of its own, so each enters the environment anew. What the machine has installed is used.
const ENTER: &str = ". .plimsoll-venv/bin/activate";
const REPORT: &str = "test-reports/pytest.xml";

fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
}

/// Whether the manifest describes a package, or only configures tools.
fn is_package(listing: &Listing) -> bool {
    let pyproject = listing.text("pyproject.toml").unwrap_or_default();
    let setup_cfg = listing.text("setup.cfg").unwrap_or_default();
    listing.has("setup.py")
        || pyproject.contains("[project]")
        || pyproject.contains("[build-system]")
        || setup_cfg.contains("[metadata]")
}

pub(super) fn fit(listing: &Listing) -> Option<Fit> {
    let found = listing.first(MANIFESTS)?;
    let mut install =
        vec!["set -e".to_owned(), "python3 -m venv --system-site-packages .plimsoll-venv".to_owned(), ENTER.to_owned()];
    for requirements in REQUIREMENTS.iter().filter(|name| listing.has(name)) {
        install.push(format!("python -m pip install --disable-pip-version-check -r {requirements}"));
    }
    if is_package(listing) {
        install.push("python -m pip install --disable-pip-version-check -e .".to_owned());
    }
    let tests = listing.files().filter(|file| is_test_file(file)).count();
    if tests > 0 {
        install.push(
            "python -c 'import pytest' 2>/dev/null || python -m pip install --disable-pip-version-check pytest"
                .to_owned(),
        );
    }
    let compile = "python -m compileall -q -x '(^|/)([.]plimsoll-venv|node_modules|[.]git)/' .";
    let mut steps = vec![
        StepSpec::new("Install", Phase::Build, install.join("\n")),
        StepSpec::new("Compile", Phase::Build, format!("{ENTER}\n{compile}")),
    ];
    let plan = if tests > 0 {
        let mut test = StepSpec::new("Test", Phase::Test, format!("{ENTER}\npython -m pytest --junitxml={REPORT}"));
        test.test_reports.push(REPORT.into());
        steps.push(test);
        let files = if tests == 1 { "1 test file".to_owned() } else { format!("{tests} test files") };
        format!("installs it, compiles every module and runs pytest ({files})")
    } else {
        "installs it and compiles every module; there are no test files (test_*.py) to run".to_owned()
    };
    let mut file = BuildFile::of_steps(steps);
    file.env.insert("PYTHONUNBUFFERED".into(), "1".into());
    Some(Fit { found: found.into(), plan, file })
}

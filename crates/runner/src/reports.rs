//! Finds and reads test reports.

use std::path::Path;
use std::time::SystemTime;

use plimsoll_core::junit;
use plimsoll_core::mask::Secrets;
use plimsoll_core::protocol::TestReport;
use plimsoll_core::status::TestOutcome;

use crate::collect::{Found, find};

/// Where common tools leave reports when nobody says otherwise.
const USUAL: &[&str] = &["target/nextest/*/junit.xml", "**/junit*.xml", "test-results/*.xml", "reports/*.xml"];
/// Folders of other people's code, whose reports are not this build's.
const FOREIGN: &[&str] = &["node_modules", ".venv", "venv", "vendor"];
/// More files than this are not read.
const MAX_REPORTS: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct Reports {
    /// The files that were read, to be kept as artifacts.
    pub(crate) files: Vec<Found>,
    /// All cases of all files; absent where there was none.
    pub(crate) tests: Option<TestReport>,
    /// What is wrong with files that were named or look like reports.
    pub(crate) complaints: Vec<String>,
}

impl Reports {
    /// For the log.
    pub(crate) fn summary(&self) -> Option<String> {
        let cases = &self.tests.as_ref()?.cases;
        let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
        Some(format!(
            "tests: {} passed, {} failed, {} skipped (from {})",
            count(TestOutcome::Passed),
            count(TestOutcome::Failed),
            count(TestOutcome::Skipped),
            self.files.iter().map(|file| file.name.as_str()).take(5).collect::<Vec<_>>().join(", "),
        ))
    }
}

/// Reads what matches `patterns`, and what lies at the usual places and was written `since` then: reports that are part
/// of the repository are test data.
pub(crate) fn read(checkout: &Path, patterns: &[String], since: SystemTime, secrets: &Secrets) -> Reports {
    let usual: Vec<String> = USUAL.iter().map(|pattern| (*pattern).to_owned()).collect();
    let mut found = find(checkout, patterns, &[]).files;
    let named = found.len();
    found.extend(
        find(checkout, &usual, FOREIGN).files.into_iter().filter(|file| file.modified.is_some_and(|at| at > since)),
    );

    let mut reports = Reports::default();
    let mut read = Vec::new();
    for (i, file) in found.into_iter().enumerate() {
        if reports.files.iter().any(|known| known.path == file.path) {
            continue;
        }
        if reports.files.len() == MAX_REPORTS {
            reports.complaints.push(format!("there are more than {MAX_REPORTS} test reports; the rest is not read"));
            break;
        }
        match read_one(&file) {
            Ok(report) => {
                read.push(masked(report, secrets));
                reports.files.push(file);
            }
            // At a usual place anything may lie.
            Err(why) if i < named || file.name.contains("junit") => {
                reports.complaints.push(format!("test report {} cannot be used: {why}", file.name));
            }
            Err(_) => {}
        }
    }
    if !read.is_empty() {
        reports.tests = Some(junit::merge(read));
    }
    reports
}

fn read_one(file: &Found) -> Result<TestReport, String> {
    let size = file.path.metadata().map_err(|error| error.to_string())?.len();
    if size > junit::MAX_REPORT_BYTES as u64 {
        return Err(format!("it has {size} bytes; at most {} are read", junit::MAX_REPORT_BYTES));
    }
    let bytes = std::fs::read(&file.path).map_err(|error| error.to_string())?;
    junit::parse_report(&bytes).map_err(|error| error.to_string())
}

fn masked(mut report: TestReport, secrets: &Secrets) -> TestReport {
    for case in &mut report.cases {
        case.suite = secrets.mask(&case.suite);
        case.name = secrets.mask(&case.name);
        case.failure = case.failure.take().map(|text| secrets.mask(&text));
    }
    report
}

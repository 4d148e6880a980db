//! Test reports: JUnit XML as its many producers write it, and our own JSON form.
//!
//! JSON: `{"execution_time_seconds": 1.5, "cases": [{"suite": "a", "name": "b", "outcome": "passed", "duration_seconds":
//! 0.1, "failure": null}]}`; only `name` and `outcome` of a case must be there.
//!
//! Reports are written by what was built, so nothing in them is trusted: size, number, depth and lengths are limited, and
//! of XML's entities only the five predefined ones and character references mean anything.

use serde::Deserialize;

use crate::protocol::{TestCase, TestReport};
use crate::status::TestOutcome;

mod xml;

/// Largest report that is read, in bytes.
pub const MAX_REPORT_BYTES: usize = 32 << 20;
/// Most cases of one report.
pub const MAX_CASES: usize = 100_000;
/// Longest suite or case name that is kept, in bytes.
pub const MAX_NAME_BYTES: usize = 1_000;
/// Longest failure text that is kept, in bytes.
pub const MAX_FAILURE_BYTES: usize = 8 << 10;
/// Most bytes of failure texts that a whole report keeps; later ones are cut to nothing.
pub const MAX_ALL_FAILURES_BYTES: usize = 4 << 20;

/// Why a report cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReport {
    #[error("the report has {0} bytes; at most {MAX_REPORT_BYTES} are read")]
    TooLarge(usize),
    #[error("the report has more than {MAX_CASES} test cases")]
    TooManyCases,
    #[error("the report nests its suites deeper than {0}")]
    TooDeep(usize),
    #[error("the report is UTF-16: write it as UTF-8")]
    Utf16,
    #[error("the report is empty")]
    Empty,
    #[error("this is XML, but no JUnit report: its root is <{0}>, expected <testsuites> or <testsuite>")]
    NotJunit(String),
    #[error("broken XML at byte {at}: {why}")]
    Xml { at: u64, why: String },
    #[error("the report ends in the middle of <{0}>: was its writer killed?")]
    Unfinished(String),
    #[error("this is neither a JUnit report nor our JSON form: {0}")]
    Json(String),
}

/// Reads a report, telling the two forms apart by their first character.
pub fn parse_report(bytes: &[u8]) -> Result<TestReport, BadReport> {
    let text = text_of(bytes)?;
    if text.starts_with('<') { xml::parse(&text) } else { json(&text) }
}

/// Reads JUnit XML.
pub fn parse_junit(bytes: &[u8]) -> Result<TestReport, BadReport> {
    xml::parse(&text_of(bytes)?)
}

/// Reads our JSON form.
pub fn parse_json_report(bytes: &[u8]) -> Result<TestReport, BadReport> {
    json(&text_of(bytes)?)
}

/// One report out of those of a build's steps: cases one after the other, times added.
pub fn merge(reports: impl IntoIterator<Item = TestReport>) -> TestReport {
    let mut all = TestReport { execution_time_seconds: 0.0, cases: Vec::new() };
    for report in reports {
        all.execution_time_seconds += report.execution_time_seconds;
        all.cases.extend(report.cases);
    }
    all.cases.truncate(MAX_CASES);
    all
}

fn text_of(bytes: &[u8]) -> Result<String, BadReport> {
    if bytes.len() > MAX_REPORT_BYTES {
        return Err(BadReport::TooLarge(bytes.len()));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(BadReport::Utf16);
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start();
    if text.is_empty() { Err(BadReport::Empty) } else { Ok(text.to_owned()) }
}

#[derive(Deserialize)]
struct JsonReport {
    #[serde(default)]
    execution_time_seconds: Option<f64>,
    cases: Vec<JsonCase>,
}

#[derive(Deserialize)]
struct JsonCase {
    #[serde(default)]
    suite: String,
    name: String,
    outcome: TestOutcome,
    #[serde(default)]
    duration_seconds: f64,
    #[serde(default)]
    failure: Option<String>,
}

fn json(text: &str) -> Result<TestReport, BadReport> {
    let report: JsonReport = serde_json::from_str(text).map_err(|error| BadReport::Json(error.to_string()))?;
    let mut builder = Builder::default();
    for case in report.cases {
        builder.add(TestCase {
            suite: case.suite,
            name: case.name,
            outcome: case.outcome,
            duration_seconds: case.duration_seconds,
            failure: case.failure,
        })?;
    }
    Ok(builder.finish(report.execution_time_seconds))
}

/// Collects cases within the limits.
#[derive(Debug, Default)]
struct Builder {
    cases: Vec<TestCase>,
    failure_bytes: usize,
}

impl Builder {
    fn add(&mut self, mut case: TestCase) -> Result<(), BadReport> {
        if self.cases.len() == MAX_CASES {
            return Err(BadReport::TooManyCases);
        }
        case.suite = clean(&case.suite, MAX_NAME_BYTES);
        case.name = clean(&case.name, MAX_NAME_BYTES);
        case.duration_seconds = seconds(case.duration_seconds);
        let room = MAX_ALL_FAILURES_BYTES.saturating_sub(self.failure_bytes).min(MAX_FAILURE_BYTES);
        case.failure = case.failure.filter(|_| case.outcome != TestOutcome::Passed).map(|text| clean(&text, room));
        self.failure_bytes += case.failure.as_ref().map_or(0, String::len);
        self.cases.push(case);
        Ok(())
    }

    /// `total_seconds` is what the report itself says; absent, the cases are added up.
    fn finish(self, total_seconds: Option<f64>) -> TestReport {
        let sum = self.cases.iter().map(|case| case.duration_seconds).sum();
        let total = total_seconds.filter(|total| total.is_finite() && *total >= 0.0).unwrap_or(sum);
        TestReport { execution_time_seconds: seconds(total), cases: self.cases }
    }
}

/// A duration that can be stored and added: finite, not negative, at most a year.
fn seconds(value: f64) -> f64 {
    if value.is_finite() { value.clamp(0.0, 31_536_000.0) } else { 0.0 }
}

/// Trimmed, without NUL (which PostgreSQL cannot store), cut to `limit` bytes with a mark.
fn clean(text: &str, limit: usize) -> String {
    const CUT: &str = "… (cut)";
    let text = text.trim();
    let text = if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() };
    if text.len() <= limit {
        return text;
    }
    let mut end = limit.saturating_sub(CUT.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mark = if limit >= CUT.len() { CUT } else { "" };
    format!("{}{mark}", &text[..end])
}

#[cfg(test)]
mod tests;

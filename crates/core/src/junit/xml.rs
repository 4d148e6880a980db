//! The elements of JUnit XML that matter: suites for names and times, cases, and what says that a case did not pass.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{BadReport, Builder, MAX_FAILURE_BYTES};
use crate::protocol::{TestCase, TestReport};
use crate::status::TestOutcome;

/// Suites may hold suites, but not for ever.
const MAX_DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<TestReport, BadReport> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut state = Walk::default();
    loop {
        let event = reader
            .read_event()
            .map_err(|error| BadReport::Xml { at: reader.error_position(), why: error.to_string() })?;
        match event {
            Event::Start(start) => state.open(&start)?,
            Event::Empty(start) => {
                state.open(&start)?;
                state.close()?;
            }
            Event::End(_) => state.close()?,
            Event::Text(text) => state.text(&text.xml10_content()),
            Event::CData(data) => state.text(&data.xml10_content()),
            Event::GeneralRef(reference) => state.text(&resolved(&reference)),
            Event::Eof => break,
            // A document type may declare entities; none is ever looked up.
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if let Some(open) = state.open.pop() {
        return Err(BadReport::Unfinished(open.name));
    }
    if !state.seen_root {
        return Err(BadReport::Empty);
    }
    Ok(state.builder.finish(state.root_seconds.or(state.suites_seconds)))
}

/// Character references and the five predefined entities; any other stays as it is written.
fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name: &str = reference;
    resolve_predefined_entity(name).map_or_else(|| format!("&{name};"), str::to_owned)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Suite,
    Case,
    /// `failure` or `error` of a case.
    Failure,
    Skipped,
    Other,
}

#[derive(Debug)]
struct Open {
    name: String,
    role: Role,
}

#[derive(Debug, Default)]
struct Walk {
    open: Vec<Open>,
    suites: Vec<String>,
    case: Option<TestCase>,
    builder: Builder,
    root_seconds: Option<f64>,
    suites_seconds: Option<f64>,
    seen_root: bool,
}

impl Walk {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), BadReport> {
        if self.open.len() == MAX_DEPTH {
            return Err(BadReport::TooDeep(MAX_DEPTH));
        }
        let name: String = start.local_name().as_ref().chars().take(60).collect();
        if !std::mem::replace(&mut self.seen_root, true) && !matches!(name.as_str(), "testsuites" | "testsuite") {
            return Err(BadReport::NotJunit(name));
        }
        let in_case = self.open.last().is_some_and(|parent| parent.role == Role::Case);
        let role = match name.as_str() {
            "testsuites" | "testsuite" if self.case.is_none() => Role::Suite,
            "testcase" if self.case.is_none() => Role::Case,
            "failure" | "error" if in_case => Role::Failure,
            "skipped" if in_case => Role::Skipped,
            _ => Role::Other,
        };
        match role {
            Role::Suite => self.open_suite(start),
            Role::Case => self.case = Some(self.new_case(start)),
            Role::Failure => self.fail(start),
            Role::Skipped => self.skip(start),
            Role::Other => {}
        }
        self.open.push(Open { name, role });
        Ok(())
    }

    fn close(&mut self) -> Result<(), BadReport> {
        match self.open.pop().map(|open| open.role) {
            Some(Role::Suite) => {
                self.suites.pop();
            }
            Some(Role::Case) => {
                if let Some(case) = self.case.take() {
                    self.builder.add(case)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let role = self.open.last().map(|open| open.role);
        if let (Some(case), Some(Role::Failure | Role::Skipped)) = (&mut self.case, role) {
            let failure = case.failure.get_or_insert_default();
            // More than the limit is cut later; no need to collect all of it.
            if failure.len() <= MAX_FAILURE_BYTES {
                failure.push_str(text);
            }
        }
    }

    fn open_suite(&mut self, start: &BytesStart<'_>) {
        self.suites.push(attribute(start, "name").unwrap_or_default());
        let Some(time) = attribute(start, "time").and_then(|text| parse_seconds(&text)) else { return };
        // The root's own time counts, else the sum of its suites; deeper ones are contained in these.
        match self.open.len() {
            0 => self.root_seconds = Some(time),
            1 => self.suites_seconds = Some(self.suites_seconds.unwrap_or(0.0) + time),
            _ => {}
        }
    }

    fn new_case(&self, start: &BytesStart<'_>) -> TestCase {
        let suite = attribute(start, "classname").filter(|name| !name.trim().is_empty());
        let suite = suite.or_else(|| self.suites.iter().rev().find(|name| !name.is_empty()).cloned());
        TestCase {
            suite: suite.unwrap_or_default(),
            name: attribute(start, "name").unwrap_or_default(),
            outcome: TestOutcome::Passed,
            duration_seconds: attribute(start, "time").and_then(|text| parse_seconds(&text)).unwrap_or(0.0),
            failure: None,
        }
    }

    fn fail(&mut self, start: &BytesStart<'_>) {
        let headline = headline(start);
        if let Some(case) = &mut self.case {
            case.outcome = TestOutcome::Failed;
            let failure = case.failure.get_or_insert_default();
            if !failure.is_empty() {
                failure.push('\n');
            }
            failure.push_str(&headline);
        }
    }

    fn skip(&mut self, start: &BytesStart<'_>) {
        let headline = headline(start);
        if let Some(case) = self.case.as_mut().filter(|case| case.outcome == TestOutcome::Passed) {
            case.outcome = TestOutcome::Skipped;
            case.failure = (!headline.is_empty()).then_some(headline);
        }
    }
}

/// `type: message` of a failure, followed by a line break where there is any.
fn headline(start: &BytesStart<'_>) -> String {
    let kind = attribute(start, "type").filter(|text| !text.trim().is_empty());
    let message = attribute(start, "message").filter(|text| !text.trim().is_empty());
    match (kind, message) {
        (Some(kind), Some(message)) if !message.starts_with(&kind) => format!("{kind}: {message}\n"),
        (_, Some(message)) => format!("{message}\n"),
        (Some(kind), None) => format!("{kind}\n"),
        (None, None) => String::new(),
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    // Repeated or unquoted attributes are some producers' habit: take the first that can be read.
    let found = start.html_attributes().with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    let text = quick_xml::escape::unescape_with(&found.value, resolve_predefined_entity);
    Some(text.map_or_else(|_| found.value.to_string(), |text| text.into_owned()))
}

/// `1.5`, and `1,234.5` as some locales write it.
fn parse_seconds(text: &str) -> Option<f64> {
    text.trim().replace(',', "").parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

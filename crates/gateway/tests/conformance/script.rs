//! Exchanges as text.
//!
//! ```text
//! what this case shows                       the name, printed when it fails
//! GET /ports?select=id&id=eq.1               method and path below /rest/v1
//! Prefer: count=exact                        headers to send
//! {"a": 1}                                   the body to send, if any
//! 200 [{"id": 1}]                            status and body that must come back
//! Content-Range: 0-0/1                       headers that must come back; `-` for one that must not
//! db: select count(*) from ports => 4        what must stand in the database afterwards
//! ```
//!
//! Blank lines stand between cases. A request is the owner's of org Acme (`as: nobody`, `as: viewer`, … for others) and
//! names the schema `public` (`schema: -` to name none). JSON is compared as JSON, `"…"` standing for any string; after
//! `=` a body is compared to the byte (`\n` is a newline); `!CODE message` is an error with its four keys; nothing means
//! an empty body.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::harbour::{Harbour, profile};

/// Only a defect reaches it.
const NOTICED_WITHIN: Duration = Duration::from_secs(30);

/// Runs the cases on a harbour of their own.
pub async fn check(script: &str) {
    Harbour::new().await.check(script).await;
}

impl Harbour {
    /// Runs the cases in their order and fails with all that did not hold.
    pub async fn check(&self, script: &str) {
        let mut failures = String::new();
        let cases = parse(&self.fill(script));
        assert!(!cases.is_empty(), "a script without cases");
        for case in &cases {
            if let Err(why) = self.run_case(case).await {
                let _ = writeln!(failures, "\n✗ {}\n    {} {}\n{why}", case.name, case.method, case.path);
            }
        }
        let failed = failures.matches('✗').count();
        assert!(failures.is_empty(), "{failed} of {} cases failed\n{failures}", cases.len());
    }

    /// Runs the cases until they hold: for what the server notices by itself, a moment after it came to be.
    pub async fn eventually(&self, script: &str) {
        let deadline = Instant::now() + NOTICED_WITHIN;
        for case in &parse(&self.fill(script)) {
            while let Err(why) = self.run_case(case).await {
                assert!(Instant::now() < deadline, "✗ {}\n    {} {}\n{why}", case.name, case.method, case.path);
            }
        }
    }

    async fn run_case(&self, case: &Case) -> Result<(), String> {
        let mut request = self.request(&case.method, &case.path).headers(case.headers.clone());
        if let Some(token) = self.bearer(&case.who) {
            request = request.bearer_auth(token);
        }
        if let Some(body) = &case.body {
            request = request.body(body.clone());
        }
        let answer = request.send().await.map_err(|error| format!("    no answer: {error:?}"))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| format!("    no body: {error:?}"))?;
        let mut wrong = case.expect.differences(status, &headers, &body);
        for (sql, expected) in &case.expect.database {
            let found = self.read(sql).await;
            if found != *expected {
                wrong.push(format!("{sql} is {found}, not {expected}"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let mut text: String = wrong.iter().map(|line| format!("    {line}\n")).collect();
        let _ = write!(text, "    answer: {status} {}", String::from_utf8_lossy(&body));
        Err(text)
    }
}

struct Case {
    name: String,
    method: String,
    path: String,
    who: String,
    headers: HeaderMap,
    body: Option<String>,
    expect: Expect,
}

struct Expect {
    status: u16,
    body: String,
    headers: Vec<(String, String)>,
    database: Vec<(String, String)>,
    /// A content type was asked for or is expected by name, so JSON is not to be assumed.
    own_type: bool,
}

fn parse(script: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in script.lines().map(str::trim).chain([""]) {
        if !line.is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            cases.push(parse_case(&lines));
            lines.clear();
        }
    }
    cases
}

fn parse_case(lines: &[&str]) -> Case {
    let name = lines[0].to_owned();
    let (method, path) =
        lines.get(1).and_then(|line| line.split_once(' ')).unwrap_or_else(|| panic!("{name}: no request"));
    let answered = lines.iter().position(|line| status(line).is_some()).unwrap_or_else(|| panic!("{name}: no status"));
    let mut who = "owner".to_owned();
    let (mut headers, mut body, mut has_schema) = (HeaderMap::new(), None::<String>, false);
    let mut no_type = false;
    for line in &lines[2..answered] {
        match header(line) {
            Some(("as", value)) => value.clone_into(&mut who),
            Some(("schema", "-")) => has_schema = true,
            Some(("Content-Type", "-")) => no_type = true,
            Some((key, value)) => {
                has_schema |= key.to_ascii_lowercase().ends_with("-profile");
                let key: HeaderName = key.parse().unwrap_or_else(|_| panic!("{name}: {key}"));
                headers.append(
                    key,
                    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| panic!("{name}: {value}")),
                );
            }
            None => append(&mut body, line),
        }
    }
    if !has_schema {
        headers.insert(profile(method), HeaderValue::from_static("public"));
    }
    if body.is_some() && !no_type {
        headers.entry("content-type").or_insert(HeaderValue::from_static("application/json"));
    }
    let (status, rest) = status(lines[answered]).expect("found above");
    let mut expect = Expect {
        status,
        body: rest.to_owned(),
        headers: vec![],
        database: vec![],
        own_type: headers.contains_key("accept"),
    };
    for line in &lines[answered + 1..] {
        match header(line) {
            Some(("db", check)) => {
                let (sql, value) = check.rsplit_once(" => ").unwrap_or_else(|| panic!("{name}: {line}"));
                expect.database.push((sql.to_owned(), value.to_owned()));
            }
            Some((key, value)) => {
                expect.own_type |= key.eq_ignore_ascii_case("content-type");
                expect.headers.push((key.to_owned(), value.to_owned()));
            }
            None => expect.body = format!("{} {line}", expect.body),
        }
    }
    Case { name, method: method.to_owned(), path: path.to_owned(), who, headers, body, expect }
}

fn append(body: &mut Option<String>, line: &str) {
    match body {
        None => *body = Some(line.to_owned()),
        Some(body) => {
            body.push('\n');
            body.push_str(line);
        }
    }
}

/// `200 rest` of an answer's first line.
fn status(line: &str) -> Option<(u16, &str)> {
    let (code, rest) = line.split_once(' ').unwrap_or((line, ""));
    let code = code.parse().ok().filter(|code| (100..600).contains(code) && line.len() >= 3)?;
    Some((code, rest.trim()))
}

/// `Name: value`; JSON and CSV are not taken for one.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(": ")?;
    let good = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then(|| (name, value.trim()))
}

impl Expect {
    fn differences(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Vec<String> {
        let mut wrong = Vec::new();
        if status != self.status {
            wrong.push(format!("status {status}, not {}", self.status));
        }
        for (name, expected) in &self.headers {
            let found: Vec<_> = headers.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
            let holds = if expected == "-" { found.is_empty() } else { found.iter().any(|v| v == expected) };
            if !holds {
                wrong.push(format!("{name}: {found:?}, not {expected}"));
            }
        }
        let kind = headers.get("content-type").map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        wrong.extend(self.body_difference(body));
        if let Some(error) = self.body.strip_prefix('!') {
            let code = error.split(' ').next().unwrap_or_default();
            let said = headers.get("proxy-status").map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
            if said.as_deref() != Some(&format!("PostgREST; error={code}")) {
                wrong.push(format!("Proxy-Status: {said:?}"));
            }
        }
        if self.body.starts_with('!') && kind.as_deref() != Some("application/json; charset=utf-8") {
            wrong.push(format!("an error as {kind:?}"));
        } else if !self.own_type && !body.is_empty() && kind.as_deref() != Some("application/json; charset=utf-8") {
            wrong.push(format!("content type {kind:?}"));
        } else if status == 204 && kind.is_some() {
            wrong.push(format!("no content of type {kind:?}"));
        }
        wrong
    }

    fn body_difference(&self, body: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(body);
        if let Some(exact) = self.body.strip_prefix('=') {
            let exact = exact.trim_start().replace("\\n", "\n");
            return (text != exact).then(|| format!("body {text:?}, not {exact:?}"));
        }
        if let Some(error) = self.body.strip_prefix('!') {
            return error_difference(&text, error);
        }
        if self.body.is_empty() {
            return (!body.is_empty()).then(|| "a body where none should be".to_owned());
        }
        let expected: Value = serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the expected body {}", self.body));
        match serde_json::from_str::<Value>(&text) {
            Ok(found) if same(&expected, &found) => None,
            Ok(_) => Some(format!("another body than {expected}")),
            Err(error) => Some(format!("{error} in the body, which should be {expected}")),
        }
    }
}

/// Four keys, the code, and where the case gives one the message.
fn error_difference(text: &str, expected: &str) -> Option<String> {
    let (code, message) = expected.split_once(' ').unwrap_or((expected, ""));
    let Ok(Value::Object(found)) = serde_json::from_str::<Value>(text) else {
        return Some(format!("no error body, which should have code {code}"));
    };
    let mut keys: Vec<_> = found.keys().map(String::as_str).collect();
    keys.sort_unstable();
    let found_message = found.get("message").and_then(Value::as_str).unwrap_or_default();
    if keys != ["code", "details", "hint", "message"] {
        Some(format!("an error with the keys {keys:?}"))
    } else if found["code"] != code {
        Some(format!("code {}, not {code}", found["code"]))
    } else if found_message.is_empty() {
        Some("an error without a message".to_owned())
    } else if !message.is_empty() && found_message != message {
        Some(format!("message {found_message:?}, not {message:?}"))
    } else {
        None
    }
}

/// Equal, `"…"` standing for any string that is not empty.
fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::String(any), Value::String(text)) if any == "…" => !text.is_empty(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(expected: &str, status: u16, headers: &[(&'static str, &str)], body: &str) -> Vec<String> {
        let script = format!("a name\nGET /path\n{expected}");
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        parse(&script)[0].expect.differences(status, &headers, body.as_bytes())
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn what_holds_passes() {
        for (expected, headers, body) in [
            ("200 [{\"a\": 1}]", &[JSON][..], "[{\"a\":1}]"),
            ("200 {\"a\": \"…\"}", &[JSON], "{\"a\":\"anything\"}"),
            ("200 = 1\\n2\nContent-Type: text/csv", &[("content-type", "text/csv")], "1\n2"),
            ("200\nX-A: 1\nX-B: -", &[("x-a", "1")], ""),
        ] {
            assert_eq!(differences(expected, 200, headers, body), Vec::<String>::new(), "{expected}");
        }
        let error = "{\"code\":\"X\",\"details\":null,\"hint\":null,\"message\":\"m\"}";
        let headers = [JSON, ("proxy-status", "PostgREST; error=X")];
        assert_eq!(differences("400 !X m", 400, &headers, error), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_hold_is_seen() {
        for (expected, headers, body) in [
            ("201 [1]", &[JSON][..], "[1]"),
            ("200 [1]", &[JSON], "[2]"),
            ("200 [1]", &[JSON], "[1,1]"),
            ("200 [1]", &[JSON], ""),
            ("200 [1]", &[("content-type", "text/plain")], "[1]"),
            ("200 {\"a\": 1}", &[JSON], "{\"a\":1,\"b\":2}"),
            ("200 {\"a\": \"…\"}", &[JSON], "{\"a\":\"\"}"),
            ("200", &[JSON], "[]"),
            ("200 = 1", &[JSON], "1 "),
            ("200\nX-A: 1", &[("x-a", "2")], ""),
            ("200\nX-A: -", &[("x-a", "2")], ""),
            ("200 !X", &[JSON], "{\"code\":\"X\",\"details\":null,\"hint\":null,\"message\":\"m\"}"),
            ("200 !X", &[JSON, ("proxy-status", "PostgREST; error=X")], "{\"code\":\"X\",\"message\":\"m\"}"),
        ] {
            assert_eq!(differences(expected, 200, headers, body).len(), 1, "{expected}: {body}");
        }
    }
}

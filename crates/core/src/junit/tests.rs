use proptest::prelude::*;

use super::*;

fn report(text: &str) -> TestReport {
    parse_report(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn outcomes(report: &TestReport) -> Vec<(&str, &str, TestOutcome)> {
    report.cases.iter().map(|c| (c.suite.as_str(), c.name.as_str(), c.outcome)).collect()
}

const PYTEST: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.123" timestamp="2026-01-01T12:00:00">
<testcase classname="tests.test_a" name="test_ok[a&amp;b]" time="0.001" />
<testcase classname="tests.test_a" name="test_bad" time="0.002"><failure message="assert 1 == 2">def test_bad():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase>
<testcase classname="tests.test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="not now">x.py:3: not now</skipped></testcase>
<testcase classname="tests.test_a" name="test_err" time="0.0"><error message="failed on setup">boom</error></testcase>
</testsuite></testsuites>"#;

#[test]
fn pytest() {
    let report = report(PYTEST);
    use TestOutcome::{Failed, Passed, Skipped};
    assert_eq!(
        outcomes(&report),
        [
            ("tests.test_a", "test_ok[a&b]", Passed),
            ("tests.test_a", "test_bad", Failed),
            ("tests.test_a", "test_skip", Skipped),
            ("tests.test_a", "test_err", Failed),
        ]
    );
    assert!((report.execution_time_seconds - 0.123).abs() < 1e-9);
    let failure = report.cases[1].failure.as_deref().unwrap();
    assert_eq!(failure, "assert 1 == 2\ndef test_bad():\n>       assert 1 == 2\nE       assert 1 == 2");
    assert_eq!(report.cases[2].failure.as_deref(), Some("pytest.skip: not now\nx.py:3: not now"));
    assert_eq!(report.cases[0].failure, None);
}

#[test]
fn nested_suites_output_and_cdata() {
    let report = report(
        r#"<testsuite name="outer"><properties><property name="a" value="b"/></properties>
        <testsuite name="inner" time="1,002.5"><testcase name="x" time="2"><failure type="java.lang.AssertionError"><![CDATA[<at> & here]]></failure>
        <system-out><![CDATA[noise]]></system-out></testcase></testsuite>
        <testcase name="y"><system-err>text</system-err></testcase></testsuite>"#,
    );
    assert_eq!(outcomes(&report), [("inner", "x", TestOutcome::Failed), ("outer", "y", TestOutcome::Passed)]);
    assert_eq!(report.cases[0].failure.as_deref(), Some("java.lang.AssertionError\n<at> & here"));
    assert!((report.execution_time_seconds - 1_002.5).abs() < 1e-9);
}

#[test]
fn times_are_taken_from_the_outermost_or_added() {
    let seconds = |text: &str| report(text).execution_time_seconds;
    assert_eq!(seconds(r#"<testsuites time="9"><testsuite time="1"/></testsuites>"#), 9.0);
    assert_eq!(
        seconds(
            r#"<testsuites><testsuite time="1"/><testsuite time="2"><testsuite time="2"/></testsuite></testsuites>"#
        ),
        3.0
    );
    assert_eq!(
        seconds(r#"<testsuite><testcase name="a" time="1.5"/><testcase name="b" time="NaN"/></testsuite>"#),
        1.5
    );
}

#[test]
fn retries_that_passed_are_passes() {
    let text = r#"<testsuite><testcase name="a"><flakyFailure message="once"/></testcase><testcase name="b"><rerunFailure/><failure/></testcase></testsuite>"#;
    assert_eq!(outcomes(&report(text)), [("", "a", TestOutcome::Passed), ("", "b", TestOutcome::Failed)]);
}

#[test]
fn entities_are_never_expanded() {
    let text = r#"<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
    <testsuite><testcase name="&b;&f;"><failure>&b;&f;&#65;&#x42;&lt;&#0;</failure></testcase></testsuite>"#;
    let case = &report(text).cases[0];
    assert_eq!(case.failure.as_deref(), Some("&b;&f;AB<&#0;"));
    assert!(case.name.contains("&b;"), "{}", case.name);
}

#[test]
fn mistakes_are_named() {
    let error = |text: &str| parse_report(text.as_bytes()).unwrap_err().to_string();
    assert!(error("").contains("empty"));
    assert!(error("<html></html>").contains("<html>"));
    assert!(error("<testsuite><testcase name='a'>").contains("middle of <testcase>"));
    assert!(error("<testsuite></testsuites>").contains("broken XML at byte"));
    assert!(error("<!-- nothing -->").contains("empty"));
    assert!(error("hello").contains("neither"));
    assert!(parse_report(b"\xff\xfe<\0").unwrap_err().to_string().contains("UTF-16"));
    assert!(error(&"<testsuite>".repeat(100)).contains("deeper"));
}

#[test]
fn limits_hold() {
    assert!(matches!(parse_report(&vec![b' '; MAX_REPORT_BYTES + 1]), Err(BadReport::TooLarge(_))));
    let many = format!("<testsuite>{}</testsuite>", "<testcase name='a'/>".repeat(MAX_CASES + 1));
    assert_eq!(parse_report(many.as_bytes()), Err(BadReport::TooManyCases));
    let long =
        format!("<testsuite><testcase name='{0}'><failure>{0}</failure></testcase></testsuite>", "ü".repeat(20_000));
    let case = &report(&long).cases[0];
    assert!(case.name.len() <= MAX_NAME_BYTES && case.name.ends_with("(cut)"));
    assert!(case.failure.as_ref().unwrap().len() <= MAX_FAILURE_BYTES);
    let one = format!("<testcase name='a'><failure>{}</failure></testcase>", "x".repeat(9_000));
    let all = report(&format!("<testsuite>{}</testsuite>", one.repeat(1_000)));
    assert_eq!(all.cases.len(), 1_000);
    assert!(
        all.cases.iter().filter_map(|c| c.failure.as_ref()).map(String::len).sum::<usize>() <= MAX_ALL_FAILURES_BYTES
    );
}

#[test]
fn our_own_form() {
    let text = r#" {"execution_time_seconds": 2.5, "cases": [
        {"suite": "s", "name": "a", "outcome": "passed", "duration_seconds": 1, "failure": "ignored"},
        {"name": "b", "outcome": "failed", "failure": "no\u0000"}, {"name": "c", "outcome": "skipped", "duration_seconds": -4}]}"#;
    let report = report(text);
    assert_eq!(outcomes(&report).len(), 3);
    assert_eq!(report.cases[0].failure, None);
    assert_eq!(report.cases[1].failure.as_deref(), Some("no\u{fffd}"));
    assert_eq!((report.execution_time_seconds, report.cases[2].duration_seconds), (2.5, 0.0));
    let error = parse_json_report(br#"{"cases": [{"name": "a", "outcome": "ok"}]}"#).unwrap_err().to_string();
    assert!(error.contains("passed"), "{error}");
}

#[test]
fn reports_are_merged() {
    let merged = merge([report(PYTEST), report(PYTEST)]);
    assert_eq!(merged.cases.len(), 8);
    assert!((merged.execution_time_seconds - 0.246).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_report(&bytes);
        let _ = parse_junit(&bytes);
    }

    #[test]
    fn damaged_reports_never_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), end in any::<prop::sample::Index>()) {
        let mut bytes = PYTEST.as_bytes().to_vec();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(end.index(bytes.len()) + 1);
        if let Ok(report) = parse_junit(&bytes) {
            prop_assert!(report.cases.iter().all(|c| c.duration_seconds.is_finite()));
        }
    }

    #[test]
    fn soup_never_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "<testsuite>", "</testsuite>", "<testsuites name='a' time='1'>", "<testcase name=\"x\">", "<testcase", "/>", "</testcase>", "<failure>", "</failure>",
        "<skipped/>", "<![CDATA[", "]]>", "&lt;", "&#1114112;", "&#x0;", "&;", "<!DOCTYPE x [", "]>", "<!--", "-->", "<?xml", "?>", "a='", "ü", "=",
    ]), 0..40)) {
        let _ = parse_report(parts.concat().as_bytes());
    }
}

use proptest::prelude::*;

use super::*;

fn problems(text: &str) -> Vec<String> {
    let error = BuildFile::parse(text).expect_err("a mistake went unnoticed");
    error.problems.iter().map(|p| format!("{}:{}: {}", p.line, p.column, p.message)).collect()
}

fn only(text: &str) -> String {
    let problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

/// A step whose last line is `line`, the fourth of the file.
fn with(line: &str) -> String {
    format!("[[step]]\nname = \"A\"\nrun = \"true\"\n{line}\n")
}

const FULL: &str = r#"
[build]
timeout_seconds = 1_800
env = { CI = true, LEVEL = 3 }
cache = ["target", "./web/node_modules/"]

[[step]]
name = "Build"
run = """
set -e
make
"""

[[step]]
name = "Test"
phase = "test"
run = "make check"
timeout_seconds = 600
env.RUST_BACKTRACE = "1"
working_directory = "server"
test_reports = "out/*.xml"
artifacts = ["dist/**/*.{tar.gz,zip}"]
artifact_type = "image"
continue_on_error = true
always = true
"#;

#[test]
fn everything_can_be_set() {
    let file = BuildFile::parse(FULL).unwrap();
    assert_eq!(file.timeout_seconds, 1_800);
    assert_eq!(file.env["CI"], "true");
    assert_eq!(file.env["LEVEL"], "3");
    assert_eq!(file.cache, ["target", "web/node_modules"]);
    assert_eq!(file.steps[0], StepSpec::new("Build", Phase::Build, "set -e\nmake\n"));
    let test = &file.steps[1];
    assert_eq!((test.phase, test.timeout_seconds), (Phase::Test, Some(600)));
    assert_eq!(test.env["RUST_BACKTRACE"], "1");
    assert_eq!(test.working_directory.as_deref(), Some("server"));
    assert_eq!(test.test_reports, ["out/*.xml"]);
    assert_eq!(test.artifacts, ["dist/**/*.{tar.gz,zip}"]);
    assert_eq!(test.artifact_type, ArtifactType::Image);
    assert!(test.continue_on_error && test.always);
}

#[test]
fn defaults_are_filled_in() {
    let file = BuildFile::parse("[[step]]\nname = 'A'\nrun = 'true'").unwrap();
    assert_eq!(file, BuildFile::of_steps(vec![StepSpec::new("A", Phase::Build, "true")]));
    assert_eq!(file.timeout_seconds, 3_600);
}

#[test]
fn broken_toml_is_placed() {
    let message = only("[[step]]\nname = \"A\"\nrun = \n");
    assert!(message.starts_with("3:"), "{message}");
    let error = BuildFile::parse("[[step]]\nname = A").unwrap_err().to_string();
    assert!(error.starts_with("plimsoll.toml:2:8: "), "{error}");
}

#[test]
fn unknown_keys_suggest_the_nearest() {
    assert_eq!(only(&with("timeout = 5")), "4:1: unknown key `timeout` in a step: did you mean `timeout_seconds`?");
    assert_eq!(
        only(&with("workingdirectory = 'a'")),
        "4:1: unknown key `workingdirectory` in a step: did you mean `working_directory`?"
    );
    assert_eq!(only(&with("[biuld]")), "4:2: unknown key `biuld` at the top of the file: did you mean `build`?");
    assert!(only(&with("colour = 'red'")).contains("expected one of name, phase, run"));
    assert!(problems("[[steps]]\nname = 'A'\nrun = 'b'").iter().any(|p| p.contains("did you mean `step`?")));
}

#[test]
fn a_wrong_phase_lists_the_right_ones() {
    assert_eq!(
        only(&with("phase = \"tests\"")),
        "4:9: \"tests\" is not a phase of a step: expected one of build, test, package, deploy, promote; did you mean \"test\"?"
    );
    assert!(only(&with("phase = \"checkout\"")).contains("expected one of build"));
}

#[test]
fn paths_stay_inside_the_repository() {
    for bad in ["/etc", "../x", "a/../b", "~/x", "C:\\\\x", "", "a\\nb"] {
        let message = only(&with(&format!("working_directory = \"{bad}\"")));
        assert!(message.starts_with("4:21:"), "{bad}: {message}");
    }
    assert!(only(&with("artifacts = ['/etc/passwd']")).contains("relative"));
    assert!(only(&with("test_reports = ['a[']")).contains("not a pattern"));
    assert_eq!(
        BuildFile::parse(&with("working_directory = './'")).unwrap().steps[0].working_directory.as_deref(),
        Some(".")
    );
}

#[test]
fn wrong_kinds_of_value_say_what_would_be_right() {
    assert!(only(&with("timeout_seconds = '5'")).contains("whole number of seconds, not a text"));
    assert!(only(&with("timeout_seconds = 0")).contains("between 1 and 86400"));
    assert!(only(&with("timeout_seconds = 99999999999999999999999999999")).contains("between 1 and"));
    assert!(only(&with("always = 'yes'")).contains("true or false, not a text"));
    assert!(only(&with("env = ['A']")).contains("`env` is a table"));
    assert!(only(&with("env = { 'A B' = '1' }")).contains("letters, digits"));
    assert!(only(&with("env = { PLIMSOLL_X = '1' }")).contains("set by the runner"));
    assert!(only(&with("env = { A = [1] }")).contains("text in quotes, not a list"));
    assert!(only(&with("artifacts = 3")).contains("list of texts"));
    assert!(only("step = 3").contains("two brackets"));
    assert!(only("[step]\nname = 'a'").contains("two brackets"));
    assert!(only("[[step]]\nrun = 'x'").contains("no `name`"));
    assert!(only("[[step]]\nname = 'x'\nrun = ' '").contains("`run` is empty"));
    assert!(only("").contains("no steps"));
    assert!(only("step = []").contains("no steps"));
}

#[test]
fn limits_hold() {
    let many: String = (0..=MAX_STEPS).map(|i| format!("[[step]]\nname = 's{i}'\nrun = 'true'\n")).collect();
    assert!(only(&many).contains("101 steps"));
    assert!(only(&format!("[[step]]\nname = '{}'\nrun = 'a'", "x".repeat(101))).contains("101 characters"));
    assert!(only(&"#".repeat(MAX_FILE_BYTES + 1)).contains("at most"));
    assert!(only(&format!("{0}{0}", "[[step]]\nname = 'a'\nrun = 'b'\n")).contains("another step named"));
}

#[test]
fn all_mistakes_are_told_in_order_and_bytes_need_not_be_text() {
    let all = problems("[build]\ntimout_seconds = 1\n[[step]]\nname = 1\nrun = 'x'\nphase = 'no'\n");
    assert_eq!(all.len(), 3, "{all:#?}");
    assert!(all[0].starts_with("2:1:") && all[1].starts_with("4:8:") && all[2].starts_with("6:9:"), "{all:#?}");
    let error = BuildFile::parse_bytes(b"[build]\n\xff").unwrap_err().to_string();
    assert!(error.starts_with("plimsoll.toml:2:1: this is not UTF-8"), "{error}");
}

/// Fragments that, shuffled, look like a build file often enough to reach every reader.
fn toml_soup() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(vec![
        "[build]\n",
        "[[step]]\n",
        "[step]\n",
        "name = ",
        "run = ",
        "env = ",
        "phase = ",
        "artifacts = ",
        "\"a\"\n",
        "'b'\n",
        "3\n",
        "true\n",
        "[1, \"x\"]\n",
        "{ A = 1 }\n",
        "timeout_seconds = ",
        "1e400\n",
        "\u{0}",
        "ü",
        "=",
        "\n",
        "]",
        "\"\"\"",
        "1979-05-27\n",
        "working_directory = ",
        "\"../x\"\n",
        "-1\n",
        "0xff\n",
        "test_reports = ",
        "\"[\"\n",
    ]);
    prop::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn never_panics_and_places_every_mistake(text in prop_oneof![toml_soup(), ".*"]) {
        if let Err(error) = BuildFile::parse(&text) {
            prop_assert!(!error.problems.is_empty());
            let lines = text.matches('\n').count() + 1;
            prop_assert!(error.problems.iter().all(|p| p.line >= 1 && p.line <= lines && p.column >= 1));
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = BuildFile::parse_bytes(&bytes);
    }
}

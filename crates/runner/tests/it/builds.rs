//! Builds that go as they should.

use plimsoll_core::log::{Kind, MarkKind};
use plimsoll_core::status::{FailureReason, Phase, SandboxLevel, StepStatus};
use plimsoll_testkit::git::Repo;

use crate::rig::{Rig, commit_step, repo_of};

#[tokio::test]
async fn a_build_runs_its_steps_and_tells_everything_about_them() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    let file = r#"
[build]
env = { GREETING = "hello" }
[[step]]
name = "Compile"
run = "echo $GREETING from build $PLIMSOLL_BUILD_NUMBER; echo oops >&2"
[[step]]
name = "Check"
phase = "test"
working_directory = "sub"
env = { GREETING = "moin" }
run = """
echo $GREETING, $(basename $PWD)
printf 'no line break'"""
"#;
    let sha = repo.commit(&[("plimsoll.toml", file), ("sub/x", "")], "Do it\n\nProperly.");
    let build = rig.build(&repo).await;
    build.assert_success();

    let text = build.text();
    for line in ["hello from build 7\n", "oops\n", "moin, sub\n", "no line break\n", "steps are from plimsoll.toml\n"] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    assert!(text.starts_with("runner test-runner "), "{text}");
    assert!(
        text.contains("sandbox: none (the configuration says so)") && text.ends_with("build succeeded\n"),
        "{text}"
    );

    let kind_of = |line: &str| build.lines.iter().find(|(_, text)| text == line).unwrap().0;
    assert_eq!(kind_of("hello from build 7").phase(), Phase::Build);
    assert!(kind_of("oops").has(Kind::STDERR) && !kind_of("moin, sub").has(Kind::STDERR));
    assert_eq!(kind_of("moin, sub").phase(), Phase::Test);

    let commit = build.commit.as_ref().unwrap();
    assert_eq!((commit.sha.as_str(), commit.message.as_str()), (sha.as_str(), "Do it\n\nProperly."));
    assert_eq!(commit.author, "Ada <ada@example.test>");
    assert_eq!(commit.recipe.as_deref(), Some("plimsoll.toml"));
    assert_eq!(commit.sandbox_level, SandboxLevel::None);

    let steps: Vec<_> = build.steps.iter().map(|s| (s.name.as_str(), s.phase, s.status, s.exit_code)).collect();
    assert_eq!(
        steps,
        [
            ("Checkout", Phase::Checkout, StepStatus::Success, None),
            ("Compile", Phase::Build, StepStatus::Success, Some(0)),
            ("Check", Phase::Test, StepStatus::Success, Some(0)),
        ]
    );
    for step in &build.steps {
        assert!(step.started_at <= step.finished_at && step.started_at.is_some());
    }
    let check = build.marks.iter().find(|m| m.kind == MarkKind::Step && m.label == "Check").unwrap();
    assert_eq!(build.steps[2].first_line, Some(check.line));
    assert_eq!(build.lines[check.line as usize - 1].1, "step 2 of 2: Check");
    assert!(build.marks.iter().any(|m| m.kind == MarkKind::Phase && m.label == "test"));
    rig.stop().await;
}

#[tokio::test]
async fn a_repository_without_a_build_file_gets_a_recipe_and_is_told_why() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    repo.commit(&[("Makefile", "all:\n\techo made it\n")], "first");
    let build = rig.build(&repo).await;
    build.assert_success();
    assert!(build.text().contains("there is no plimsoll.toml; recipe make: found Makefile"), "{}", build.text());
    assert!(build.text().contains("made it\n"));
    assert_eq!(build.commit.unwrap().recipe.as_deref(), Some("make"));
    rig.stop().await;
}

#[tokio::test]
async fn the_environment_is_small_and_tells_about_the_build() {
    let rig = Rig::with(|config| config.pass_env = vec!["USER_CHOICE".to_owned()]).await;
    let repo = repo_of("env | sort; cat /dev/stdin; cd ~ && pwd; touch $PLIMSOLL_CACHE/x $TMPDIR/y");
    let build_id = rig.queue_with(&repo, |claim| {
        claim.params = serde_json::json!({"target": "web"});
        claim.secrets.insert("DEPLOY_KEY".to_owned(), "kq7-correct-horse".to_owned());
    });
    let build = rig.server.finished(build_id).await;
    build.assert_success();
    let text = build.text();
    for line in [
        "CI=true\n",
        "PLIMSOLL_PROJECT=shop\n",
        "PLIMSOLL_BRANCH=main\n",
        "PLIMSOLL_PARAM_TARGET=web\n",
        "DEPLOY_KEY=***\n",
        "CARGO_TERM_COLOR=always\n",
        &format!("PLIMSOLL_COMMIT={}\n", repo.head()),
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    let home = rig.cache_dir().join("projects").join(build.claim.project_id.to_string()).join("home");
    assert!(text.contains(&format!("HOME={}\n", home.display())), "{text}");
    for name in ["NEXTEST", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "LOGNAME"] {
        assert!(!text.contains(&format!("{name}=")), "{name} got through");
    }
    rig.stop().await;
}

#[tokio::test]
async fn secrets_show_nowhere() {
    let secret = "sup3r-s3cret-value";
    let rig = Rig::start().await;
    let repo = Repo::new();
    let file = format!(
        r#"
[[step]]
name = "Say {secret}"
run = """
printf 'sup3r-s3c'; printf 'ret-value\n'
echo $TOKEN | base64
printf 'sup3r-\\033[Ks3cret-value\n'
cp $TOKEN_FILE kept.txt 2>/dev/null || echo $TOKEN > kept.txt
echo '<testsuite name="s"><testcase name="a"><failure>'$TOKEN'</failure></testcase></testsuite>' > junit.xml
echo plain > plain.txt
exit 3"""
artifacts = ["*.txt"]
"#
    );
    repo.commit(&[("plimsoll.toml", &file)], &format!("leak {secret}"));
    let build_id = rig.queue_with(&repo, |claim| {
        claim.secrets.insert("TOKEN".to_owned(), secret.to_owned());
    });
    let build = rig.server.finished(build_id).await;
    assert_eq!(build.failure().0, FailureReason::StepFailed);
    let all = format!("{build:?}").replace(&format!("{:?}", build.claim), "");
    assert!(!all.contains(secret), "{all}");
    assert!(!build.text().contains("c3VwM3It"), "{}", build.text());
    assert_eq!(build.artifacts.keys().collect::<Vec<_>>(), ["plain.txt"]);
    assert!(build.text().contains("artifact kept.txt is not kept: it holds one of the project's secrets"));
    assert_eq!(build.tests.unwrap().cases[0].failure.as_deref(), Some("***"));
    rig.stop().await;
}

#[tokio::test]
async fn artifacts_and_test_reports_are_found_and_stay_inside_the_checkout() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    let file = r#"
[[step]]
name = "Test"
phase = "test"
run = """
mkdir -p dist/deep out
echo one > dist/one.txt; head -c 3000000 /dev/zero > dist/deep/two.bin
ln -s /etc/passwd dist/stolen
cp fixture.xml out/results.xml
sed 's/case name="a"/case name="b"/' fixture.xml > junit-more.xml"""
artifacts = ["dist", "nothing/*"]
test_reports = ["out/*.xml"]
"#;
    let xml = r#"<testsuite name="s"><testcase name="a" time="0.5"/><testcase name="c"><failure>no</failure></testcase></testsuite>"#;
    repo.commit(&[("plimsoll.toml", file), ("fixture.xml", xml), ("junit-old.xml", xml)], "first");
    let build = rig.build(&repo).await;
    build.assert_success();
    let sizes: Vec<_> = build.artifacts.iter().map(|(name, bytes)| (name.as_str(), bytes.len())).collect();
    assert_eq!(
        sizes,
        [
            ("dist/deep/two.bin", 3_000_000),
            ("dist/one.txt", 4),
            ("junit-more.xml", xml.len()),
            ("out/results.xml", xml.len()),
        ]
    );
    let names: Vec<String> = build.tests.as_ref().unwrap().cases.iter().map(|case| case.name.clone()).collect();
    assert_eq!(names, ["a", "c", "b", "c"]);
    assert!(build.text().contains("artifact dist/stolen is not kept: it is a link that leads out"), "{}", build.text());
    assert!(build.text().contains("tests: 2 passed, 2 failed, 0 skipped"), "{}", build.text());
    rig.stop().await;
}

#[tokio::test]
async fn after_a_failure_only_the_steps_that_say_so_run() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    let file = r#"
[[step]]
name = "Lint"
run = "exit 4"
continue_on_error = true
[[step]]
name = "Test"
run = "false; echo not reached"
[[step]]
name = "Deploy"
run = "echo deployed"
[[step]]
name = "Clean"
run = "echo cleaned"
always = true
"#;
    repo.commit(&[("plimsoll.toml", file)], "first");
    let build = rig.build(&repo).await;
    assert_eq!(build.failure(), (FailureReason::StepFailed, "step \"Test\" failed: exit code 1"));
    let steps: Vec<_> = build.steps.iter().skip(1).map(|s| (s.name.as_str(), s.status, s.exit_code)).collect();
    assert_eq!(
        steps,
        [
            ("Lint", StepStatus::Failed, Some(4)),
            ("Test", StepStatus::Failed, Some(1)),
            ("Deploy", StepStatus::Skipped, None),
            ("Clean", StepStatus::Success, Some(0)),
        ]
    );
    assert!(build.text().contains("\ncleaned\n") && !build.text().contains("\ndeployed\n"));
    assert!(!build.text().contains("\nnot reached\n"));
    rig.stop().await;
}

#[tokio::test]
async fn a_project_finds_again_what_it_kept() {
    let rig = Rig::start().await;
    let repo = repo_of("");
    let script =
        "cat target/n $PLIMSOLL_CACHE/n ~/n || true; mkdir -p target; echo warm | tee target/n $PLIMSOLL_CACHE/n > ~/n";
    let file = format!("[build]\ncache = [\"target\"]\n[[step]]\nname = \"Run\"\nrun = '''{script}'''\n");
    repo.commit(&[("plimsoll.toml", &file)], "first");
    let first = rig.build(&repo).await;
    first.assert_success();
    assert!(!first.text().contains("\nwarm\n"));
    let second = rig.build(&repo).await;
    assert_eq!(second.text().matches("\nwarm").count(), 3, "{}", second.text());
    assert!(second.text().contains("restored target from an earlier build"));
    let other = rig.queue_with(&repo, |claim| claim.project_id = uuid::Uuid::new_v4());
    assert!(!rig.server.finished(other).await.text().contains("\nwarm\n"));
    rig.stop().await;
}

#[tokio::test]
async fn builds_run_side_by_side_in_slots() {
    let rig = Rig::with(|config| config.slots = 2).await;
    let meeting = rig.folder.path().join("meeting");
    std::fs::create_dir(&meeting).unwrap();
    let repo = repo_of("");
    // Each waits for the other: with one slot neither would end.
    let script = format!(
        "touch {0}/$PLIMSOLL_BUILD_NUMBER; until [ $(ls {0} | wc -l) = 2 ]; do sleep 0.05; done",
        meeting.display()
    );
    commit_step(&repo, &script, "timeout_seconds = 40");
    let first = rig.queue_with(&repo, |claim| claim.build_number = 1);
    let second = rig.queue_with(&repo, |claim| claim.build_number = 2);
    rig.server.finished(first).await.assert_success();
    rig.server.finished(second).await.assert_success();
    rig.stop().await;
}

//! Builds that cannot go well: each ends with words that help.

use plimsoll_core::log::{Kind, MAX_LINE_BYTES};
use plimsoll_core::status::{FailureReason, StepStatus};
use plimsoll_testkit::git::Repo;

use crate::rig::{Rig, commit_step, repo_of};

#[tokio::test]
async fn a_mistake_in_the_build_file_is_told_with_line_and_column() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    repo.commit(&[("plimsoll.toml", "[[step]]\nname = \"a\"\nrum = \"true\"\nrun = 5\n")], "first");
    let build = rig.build(&repo).await;
    let (reason, message) = build.failure();
    assert_eq!(reason, FailureReason::InvalidBuildFile);
    assert!(message.contains("plimsoll.toml:3:1: unknown key `rum`"), "{message}");
    assert!(message.contains("plimsoll.toml:4:7:"), "{message}");
    assert!(build.text().contains("plimsoll.toml:4:7:"), "{}", build.text());
    assert_eq!(build.commit.unwrap().sha, repo.head(), "the commit is known even so");
    rig.stop().await;
}

#[tokio::test]
async fn a_repository_with_nothing_to_build_says_what_to_add() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    repo.commit(&[("README", "x")], "first");
    let build = rig.build(&repo).await;
    assert_eq!(build.failure().0, FailureReason::InvalidBuildFile);
    assert!(build.failure().1.contains("Add plimsoll.toml"), "{}", build.failure().1);
    rig.stop().await;
}

#[tokio::test]
async fn a_build_file_that_leads_out_of_the_checkout_is_not_read() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("plimsoll.toml")).unwrap();
    repo.commit(&[], "first");
    let build = rig.build(&repo).await;
    assert_eq!(build.failure().0, FailureReason::InvalidBuildFile);
    assert!(!build.text().contains("root:"), "{}", build.text());
    rig.stop().await;
}

#[tokio::test]
async fn steps_and_builds_that_do_not_end_are_ended() {
    let rig = Rig::with(|config| config.grace_seconds = 1).await;
    let repo = repo_of("");
    commit_step(&repo, "echo begun; sleep 1000", "timeout_seconds = 1");
    let build = rig.build(&repo).await;
    assert_eq!(build.failure().0, FailureReason::TimedOut);
    assert!(build.failure().1.contains("its timeout of 1 s"), "{}", build.failure().1);
    assert_eq!(build.steps[1].status, StepStatus::TimedOut);

    let file = "[build]\ntimeout_seconds = 1\n[[step]]\nname = \"a\"\nrun = \"sleep 1000\"\ncontinue_on_error = true\n\
                [[step]]\nname = \"b\"\nrun = \"echo went on\"\nalways = true\n";
    repo.commit(&[("plimsoll.toml", file)], "second");
    let build = rig.build(&repo).await;
    assert_eq!(build.failure().0, FailureReason::TimedOut);
    assert!(build.failure().1.contains("the build took longer than its timeout of 1 s"), "{}", build.failure().1);
    assert_eq!(build.steps[2].status, StepStatus::Skipped);
    rig.stop().await;
}

#[tokio::test]
async fn a_line_of_fifty_megabytes_arrives_whole() {
    let rig = Rig::start().await;
    let repo = repo_of("head -c 50000000 /dev/zero | tr '\\0' 'x'; echo end");
    let build = rig.build(&repo).await;
    build.assert_success();
    let parts: Vec<_> = build.lines.iter().filter(|(_, text)| text.starts_with("xxx")).collect();
    assert_eq!(parts.iter().map(|(_, text)| text.len()).sum::<usize>(), 50_000_003);
    assert!(parts.iter().all(|(_, text)| text.len() <= MAX_LINE_BYTES));
    assert!(parts[..parts.len() - 1].iter().all(|(kind, _)| kind.has(Kind::CONTINUES)));
    assert!(parts.last().unwrap().1.ends_with("xend"));
    rig.stop().await;
}

#[tokio::test]
async fn binary_output_is_kept_escaped() {
    let rig = Rig::start().await;
    let repo = repo_of(r"printf 'a\000b\377c\n'; head -c 100000 /dev/urandom");
    let build = rig.build(&repo).await;
    build.assert_success();
    let (kind, _) = build.lines.iter().find(|(_, text)| text == r"a\x00b\xFFc").unwrap();
    assert!(kind.has(Kind::ESCAPED));
    rig.stop().await;
}

#[tokio::test]
async fn a_log_over_its_limit_ends_the_build() {
    let rig = Rig::start().await;
    let repo = repo_of("yes 'a line of output'");
    let build_id = rig.queue_with(&repo, |claim| claim.max_log_bytes = 1 << 20);
    let build = rig.server.finished(build_id).await;
    assert_eq!(build.failure().0, FailureReason::LogLimit);
    let bytes = build.text().len();
    assert!((900_000..=1 << 20).contains(&bytes), "{bytes}");
    assert!(build.text().contains("build failed (log_limit)"), "the last words are missing");
    rig.stop().await;
}

#[tokio::test]
async fn a_log_over_the_server_s_own_limit_ends_the_build_too() {
    let rig = Rig::start().await;
    rig.server.change(|inner| inner.faults.log_limit_bytes = Some(100_000));
    let build = rig.build(&repo_of("yes 'a line of output'")).await;
    assert_eq!(build.failure().0, FailureReason::LogLimit);
    rig.stop().await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_hidden_ends_the_build_before_it_begins() {
    let rig = Rig::start().await;
    let repo = repo_of("echo $PIN");
    let build_id = rig.queue_with(&repo, |claim| {
        claim.secrets.insert("PIN".to_owned(), "4711".to_owned());
    });
    let build = rig.server.finished(build_id).await;
    let (reason, message) = build.failure();
    assert_eq!(reason, FailureReason::SecretUnmaskable);
    assert!(message.contains("PIN") && !message.contains("4711"), "{message}");
    assert!(!build.text().contains("4711"));
    rig.stop().await;
}

#[tokio::test]
async fn a_working_directory_outside_the_checkout_is_refused() {
    let rig = Rig::start().await;
    let repo = Repo::new();
    std::os::unix::fs::symlink("/etc", repo.path().join("out")).unwrap();
    for folder in ["out", "missing"] {
        commit_step(&repo, "pwd", &format!("working_directory = \"{folder}\""));
        let build = rig.build(&repo).await;
        assert_eq!(build.failure().0, FailureReason::StepFailed);
        assert!(build.failure().1.contains("is not a folder of the checkout"), "{}", build.failure().1);
    }
    rig.stop().await;
}

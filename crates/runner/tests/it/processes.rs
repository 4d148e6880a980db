//! Nothing that a build starts outlives it.

use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use plimsoll_core::protocol::Outcome;
use plimsoll_core::status::{FailureReason, StepStatus};
use plimsoll_runner::{Runner, SandboxChoice};
use tokio_util::sync::CancellationToken;

use crate::rig::{self, Rig, claim, commit_step, marked_sleep, processes_with, repo_of};
use crate::server::Server;

/// Leaves a plain child, one in its own session that holds stdout, and one that has shed its environment.
fn daemons(seconds: &str) -> String {
    format!(
        "sleep {seconds} &\n(setsid sleep {seconds} &)\nenv -i setsid sh -c '(sleep {seconds} &) ; sleep {seconds}' &\n\
         nohup sleep {seconds} >/dev/null 2>&1 &\necho left some"
    )
}

async fn daemons_die(rig: Rig) {
    let seconds = marked_sleep();
    let build = rig.build(&repo_of(&daemons(&seconds))).await;
    build.assert_success();
    assert_eq!(processes_with(&seconds), Vec::<String>::new());
    rig.stop().await;
}

#[tokio::test]
async fn daemons_die_without_a_sandbox() {
    daemons_die(Rig::start().await).await;
}

#[tokio::test]
async fn daemons_die_in_a_sandbox() {
    daemons_die(Rig::sandboxed().await).await;
}

async fn cancelling(rig: Rig) {
    let seconds = marked_sleep();
    let repo = repo_of(&format!(
        "trap 'echo got the signal; exit 0' TERM\n(setsid sleep {seconds} &)\necho ready\nsleep {seconds} & wait"
    ));
    let build_id = rig.queue(&repo);
    rig.server.said(build_id, "ready").await;
    rig.server.change(|inner| inner.builds.get_mut(&build_id).unwrap().cancel = Some(FailureReason::Superseded));
    let build = rig.server.finished(build_id).await;
    let Outcome::Cancelled { reason, .. } = build.outcome() else { panic!("{:?}", build.outcome()) };
    assert_eq!(*reason, FailureReason::Superseded);
    assert!(build.text().contains("got the signal\n"), "{}", build.text());
    assert_eq!(build.steps[1].status, StepStatus::Cancelled);
    assert_eq!(processes_with(&seconds), Vec::<String>::new());
    rig.stop().await;
}

#[tokio::test]
async fn a_cancelled_build_may_say_goodbye_without_a_sandbox() {
    cancelling(Rig::start().await).await;
}

#[tokio::test]
async fn a_cancelled_build_may_say_goodbye_in_a_sandbox() {
    cancelling(Rig::sandboxed().await).await;
}

async fn deaf_to_term(rig: Rig) {
    let seconds = marked_sleep();
    let repo = repo_of(&format!("trap '' TERM; echo ready; sleep {seconds}; sleep {seconds}"));
    let build_id = rig.queue(&repo);
    rig.server.said(build_id, "ready").await;
    rig.server.change(|inner| inner.builds.get_mut(&build_id).unwrap().cancel = Some(FailureReason::Cancelled));
    let build = rig.server.finished(build_id).await;
    assert_eq!(build.failure().0, FailureReason::Cancelled);
    assert_eq!(processes_with(&seconds), Vec::<String>::new());
    rig.stop().await;
}

#[tokio::test]
async fn who_ignores_the_signal_is_killed_after_the_grace() {
    deaf_to_term(Rig::with(|config| config.grace_seconds = 1).await).await;
}

#[tokio::test]
async fn who_ignores_the_signal_is_killed_after_the_grace_in_a_sandbox() {
    let sandboxed = |config: &mut plimsoll_runner::RunnerConfig| {
        config.grace_seconds = 1;
        config.sandbox = SandboxChoice::Bubblewrap;
    };
    deaf_to_term(Rig::with(sandboxed).await).await;
}

#[tokio::test]
async fn a_cancel_during_checkout_works() {
    let rig = Rig::start().await;
    let repo = repo_of("true");
    // A server that accepts and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ssh://127.0.0.1:{}/x", silent.local_addr().unwrap().port());
    let build_id = rig.queue_with(&repo, |claim| claim.repo_url = address.clone());
    rig.server.said(build_id, &format!("fetching {address}")).await;
    rig.server.change(|inner| inner.builds.get_mut(&build_id).unwrap().cancel = Some(FailureReason::Cancelled));
    assert_eq!(rig.server.finished(build_id).await.failure().0, FailureReason::Cancelled);
    rig.stop().await;
}

#[tokio::test]
async fn a_runner_that_is_killed_takes_its_processes_along() {
    // The first line comes in the instant in which the step is being started, the second once all its processes run.
    let moments = ["step 1 of 1: Run", "left some"];
    for (sandbox, line) in ["none", "bubblewrap"].into_iter().flat_map(|sandbox| moments.map(|line| (sandbox, line))) {
        let server = Server::start().await;
        let folder = tempfile::tempdir().unwrap();
        let seconds = marked_sleep();
        let repo = repo_of(&format!("{}\nsleep {seconds}", daemons(&seconds)));
        let claim = claim(&repo.path().display().to_string());
        let build_id = claim.build_id;
        server.change(|inner| inner.queue.push_back(claim));
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["processes::runs_a_runner_for_another_test", "--exact", "--ignored", "--nocapture"])
            .env("TEST_SERVER", server.url().as_str())
            .env("TEST_FOLDER", folder.path())
            .env("TEST_SANDBOX", sandbox)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        server.said(build_id, line).await;
        kill(Pid::from_raw(child.id().unwrap() as i32), Signal::SIGKILL).unwrap();
        child.wait().await.unwrap();
        none_left(&seconds).await;

        // Its successor clears up the folders.
        let config = rig::config(&server, folder.path());
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(Runner::run(config, shutdown.clone()));
        let next = rig::claim(&repo_of("echo next").path().display().to_string());
        let next_id = next.build_id;
        server.change(|inner| inner.queue.push_back(next));
        server.finished(next_id).await;
        assert!(!folder.path().join(format!("work/attempts/{build_id}.42")).exists());
        shutdown.cancel();
        running.await.unwrap().unwrap();
    }
}

/// The kernel and the minder need a moment; how long is not the point.
async fn none_left(seconds: &str) {
    let gone = async {
        while !processes_with(seconds).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let left = || processes_with(seconds).join("\n");
    tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap_or_else(|_| panic!("still running:\n{}", left()));
}

/// Not a test: the process that another test kills.
#[tokio::test]
#[ignore = "started by another test"]
async fn runs_a_runner_for_another_test() {
    let Some(folder) = std::env::var_os("TEST_FOLDER") else { return };
    let server_url = std::env::var("TEST_SERVER").unwrap().parse().unwrap();
    let mut config = rig::config_for(server_url, std::path::Path::new(&folder));
    config.sandbox = std::env::var("TEST_SANDBOX").unwrap().parse().unwrap();
    Runner::run(config, CancellationToken::new()).await.unwrap();
}

#[tokio::test]
async fn a_shutdown_hands_builds_back() {
    let rig = Rig::with(|config| config.grace_seconds = 1).await;
    let seconds = marked_sleep();
    let repo = repo_of("");
    commit_step(&repo, &format!("echo ready; sleep {seconds}"), "");
    let build_id = rig.queue(&repo);
    rig.server.said(build_id, "ready").await;
    rig.shut_down();
    let build = rig.server.finished(build_id).await;
    assert!(matches!(build.outcome(), Outcome::Infrastructure { message } if message.contains("shut down")));
    assert_eq!(processes_with(&seconds), Vec::<String>::new());
    rig.stop().await;
}

#[tokio::test]
async fn a_shutdown_lets_builds_end_when_told_to() {
    let rig = Rig::with(|config| config.drain_seconds = 3_600).await;
    let gate = rig.folder.path().join("gate");
    let repo = repo_of(&format!("echo ready; until [ -e {} ]; do sleep 0.05; done", gate.display()));
    let build_id = rig.queue(&repo);
    rig.server.said(build_id, "ready").await;
    rig.shut_down();
    std::fs::write(gate, "").unwrap();
    rig.server.finished(build_id).await.assert_success();
    rig.stop().await;
}

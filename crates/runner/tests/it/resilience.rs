//! Lost connections, lost leases, a server that forgets.

use std::os::unix::fs::PermissionsExt as _;

use plimsoll_core::protocol::Outcome;
use plimsoll_core::status::SandboxLevel;
use plimsoll_runner::{Credentials, Error, Runner};
use tokio_util::sync::CancellationToken;

use crate::rig::{self, Rig, marked_sleep, processes_with, repo_of};
use crate::server::Build;

fn numbers(build: &Build) -> Vec<u32> {
    build.lines.iter().filter_map(|(_, text)| text.strip_prefix("n ")?.parse().ok()).collect()
}

fn counted(count: u32) -> Vec<u32> {
    (1..=count).collect()
}

#[tokio::test]
async fn no_line_is_lost_or_doubled_when_answers_are() {
    let rig = Rig::start().await;
    rig.server.change(|inner| {
        inner.faults.lost_answers = true;
        inner.faults.gap_once = true;
    });
    let build = rig.build(&repo_of("for i in $(seq 200); do echo n $i; sleep 0.001; done")).await;
    build.assert_success();
    assert_eq!(numbers(&build), counted(200));
    assert!(build.chunks > 2);
    rig.stop().await;
}

#[tokio::test]
async fn a_server_that_is_away_gets_everything_afterwards() {
    let rig = Rig::start().await;
    let gate = rig.folder.path().join("gate");
    let repo =
        repo_of(&format!("echo ready; until [ -e {} ]; do sleep 0.02; done; seq -f 'n %g' 50000", gate.display()));
    let build_id = rig.queue(&repo);
    rig.server.said(build_id, "ready").await;
    rig.server.change(|inner| inner.faults.down = true);
    std::fs::write(gate, "").unwrap();
    rig.server.until("writes while it is away", |inner| (inner.faults.turned_away >= 3).then_some(())).await;
    rig.server.change(|inner| inner.faults.down = false);
    let build = rig.server.finished(build_id).await;
    build.assert_success();
    assert_eq!(numbers(&build), counted(50_000));
    rig.stop().await;
}

#[tokio::test]
async fn a_full_spool_holds_the_step_back() {
    let rig = Rig::with(|config| config.spool_limit_bytes = 1 << 20).await;
    rig.server.change(|inner| inner.faults.no_logs = true);
    let done = rig.folder.path().join("done");
    let line = "x".repeat(200);
    let repo = repo_of(&format!("seq -f 'n %g {line}' 100000; touch {}", done.display()));
    let build_id = rig.queue(&repo);
    let spool = rig.work_dir().join(format!("attempts/{build_id}.42/spool"));
    let full = async {
        loop {
            let size: u64 = std::fs::read_dir(&spool)
                .map(|entries| entries.flatten().filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum())
                .unwrap_or_default();
            if size > 1 << 20 {
                return size;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    full.await;
    // 20 MB do not fit into a spool of 1 MB, the buffers on the way and a pipe.
    assert!(!done.exists());
    rig.server.change(|inner| inner.faults.no_logs = false);
    let build = rig.server.finished(build_id).await;
    build.assert_success();
    assert!(done.exists());
    assert_eq!(build.lines.iter().filter(|(_, text)| text.starts_with("n ")).count(), 100_000);
    rig.stop().await;
}

#[tokio::test]
async fn a_runner_that_lost_its_lease_kills_its_work_and_says_nothing_more() {
    let rig = Rig::start().await;
    let seconds = marked_sleep();
    let repo = repo_of(&format!("echo ready; sleep {seconds}"));
    let build_id = rig.queue(&repo);
    rig.server.said(build_id, "ready").await;
    rig.server.change(|inner| inner.builds.get_mut(&build_id).unwrap().stale = true);
    // The slot is free again only when nothing of the lost build is running.
    rig.build(&repo_of("echo next")).await.assert_success();
    assert_eq!(processes_with(&seconds), Vec::<String>::new());
    let build = rig.server.build(build_id);
    assert!(build.finish.is_none());
    assert!(build.refused <= 2, "{} writes after the refusal", build.refused);
    rig.stop().await;
}

#[tokio::test]
async fn a_runner_that_cannot_renew_kills_its_work_before_the_lease_ends() {
    let rig = Rig::start().await;
    let seconds = marked_sleep();
    let died = rig.folder.path().join("alive");
    // Writes the time every 50 ms for as long as it lives.
    let repo = repo_of(&format!(
        "echo ready; (while :; do date +%s%N > {0}.new; mv {0}.new {0}; sleep 0.05; done) & sleep {seconds}",
        died.display()
    ));
    let build_id = rig.queue_with(&repo, |claim| claim.lease_seconds = 4);
    rig.server.said(build_id, "ready").await;
    rig.server.change(|inner| inner.faults.deaf = true);
    let lease_ends = rig.server.build(build_id).lease_ends.unwrap();
    let now = (tokio::time::Instant::now(), std::time::SystemTime::now());
    let next = rig.queue(&repo_of("echo next"));
    rig.server.until("the next claim", |inner| inner.builds.contains_key(&next).then_some(())).await;
    assert_eq!(processes_with(&seconds), Vec::<String>::new());
    let last: u128 = std::fs::read_to_string(died).unwrap().trim().parse().unwrap();
    let end = now.1 + (lease_ends - now.0);
    assert!(last < end.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos(), "it was alive after its lease");
    assert!(rig.server.build(build_id).finish.is_none());
    rig.server.change(|inner| inner.faults.deaf = false);
    rig.stop().await;
}

#[tokio::test]
async fn a_forgotten_runner_registers_again() {
    let rig = Rig::start().await;
    rig.build(&repo_of("true")).await.assert_success();
    let file = rig.work_dir().join("runner.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let registration = rig.server.change(|inner| {
        inner.runner_tokens.clear();
        inner.registrations[0].clone()
    });
    assert_eq!((registration.name.as_str(), registration.slots), ("test-runner", 1));
    assert_eq!(registration.sandbox_level, SandboxLevel::None);
    rig.build(&repo_of("true")).await.assert_success();
    assert_eq!(rig.server.change(|inner| inner.registrations.len()), 2);
    rig.stop().await;
}

#[tokio::test]
async fn a_registration_is_remembered_and_a_work_directory_is_one_runner_s() {
    let rig = Rig::start().await;
    rig.build(&repo_of("true")).await.assert_success();
    let config = rig::config(&rig.server, rig.folder.path());
    let second = Runner::run(config.clone(), CancellationToken::new()).await;
    assert!(matches!(second, Err(Error::WorkDirInUse(_))), "{second:?}");

    let server = rig.server.clone();
    let _folder = rig.stop().await;
    // A claim the first runner still has open would take the build with it.
    server.until("that no claim is open", |inner| (inner.open_claims == 0).then_some(())).await;
    let shutdown = CancellationToken::new();
    let again = tokio::spawn(Runner::run(config, shutdown.clone()));
    let repo = repo_of("true");
    let claim = rig::claim(&repo.path().display().to_string());
    let build_id = claim.build_id;
    server.change(|inner| inner.queue.push_back(claim));
    server.finished(build_id).await.assert_success();
    assert_eq!(server.change(|inner| inner.registrations.len()), 1);
    shutdown.cancel();
    again.await.unwrap().unwrap();
}

#[tokio::test]
async fn refused_credentials_end_the_runner() {
    let rig = Rig::with(|config| config.credentials = Credentials::Registration("plim_api_wrong".to_owned())).await;
    assert!(matches!(rig.ended().await, Err(Error::Refused { what: "registration", .. })));
    let rig = Rig::with(|config| config.credentials = Credentials::Runner("plim_run_wrong".to_owned())).await;
    assert!(matches!(rig.ended().await, Err(Error::Refused { what: "runner token", .. })));
}

/// A file system of 8 MB at the runner's work directory. Needs root; `None` where it cannot be had.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(path: std::path::PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m,mode=0711", "tmpfs"])
            .arg(&path)
            .stderr(std::process::Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_hands_the_build_back_with_clear_words() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path().join("small")) else { return };
    let rig = Rig::with(|config| config.work_dir = disk.0.join("work")).await;

    // The checkout does not fit.
    let repo = repo_of("true");
    repo.write("big", &vec![b'x'; 20 << 20]);
    repo.commit(&[], "too big");
    let build = rig.build(&repo).await;
    let Outcome::Infrastructure { message } = build.outcome() else { panic!("{:?}", build.outcome()) };
    assert!(message.contains("disk full") || message.contains("disk is full"), "{message}");

    // The log does not fit.
    rig.server.change(|inner| inner.faults.no_logs = true);
    let seconds = &marked_sleep();
    // The step lives a moment before it fills the disk, so that it is certainly seen running.
    let repo = repo_of(&format!("sleep 1; yes $(seq 100) | head -c 30000000; sleep {seconds}"));
    let build_id = rig.queue(&repo);
    let running = |wanted: bool| async move {
        while processes_with(seconds).is_empty() == wanted {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    running(true).await;
    running(false).await;
    rig.server.change(|inner| inner.faults.no_logs = false);
    let build = rig.server.finished(build_id).await;
    let Outcome::Infrastructure { message } = build.outcome() else { panic!("{:?}", build.outcome()) };
    assert!(message.contains("disk is full"), "{message}");
    assert_eq!(processes_with(seconds), Vec::<String>::new());

    rig.build(&repo_of("true")).await.assert_success();
    rig.shut_down();
    rig.ended().await.unwrap();
}

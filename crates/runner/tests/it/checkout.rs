//! Getting the right commit, whatever state things are in.

use std::os::unix::fs::chown;
use std::path::Path;

use plimsoll_core::status::FailureReason;
use plimsoll_testkit::git::Repo;

use crate::rig::{Rig, repo_of};

fn mirror(rig: &Rig) -> std::path::PathBuf {
    let entries = std::fs::read_dir(rig.cache_dir().join("mirrors")).unwrap().flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.extension().is_some_and(|e| e == "git")).unwrap()
}

#[tokio::test]
async fn the_branch_s_newest_commit_or_the_one_asked_for() {
    let rig = Rig::start().await;
    let repo = repo_of("echo one; git log --oneline; git describe --tags; git status --short --branch");
    let first = repo.head();
    repo.git(&["tag", "v1"]);
    repo.branch("topic/ü");
    let second = repo.commit(&[("new", "x")], "second");
    repo.branch("main");

    let on_topic = rig.queue_with(&repo, |claim| claim.branch_name = "topic/ü".to_owned());
    let build = rig.server.finished(on_topic).await;
    build.assert_success();
    assert_eq!(build.commit.as_ref().unwrap().sha, second);
    assert!(build.text().contains("v1-1-g") && build.text().contains("## topic/ü\n"), "{}", build.text());

    let older = rig.queue_with(&repo, |claim| {
        claim.branch_name = "topic/ü".to_owned();
        claim.commit_sha = Some(first.clone());
    });
    assert_eq!(rig.server.finished(older).await.commit.unwrap().sha, first);
    rig.stop().await;
}

#[tokio::test]
async fn a_commit_that_was_pushed_away_is_fetched_by_its_id() {
    let rig = Rig::start().await;
    let repo = repo_of("cat which");
    let lost = repo.commit(&[("which", "lost")], "lost");
    repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    repo.commit(&[("which", "kept")], "kept");
    let build_id = rig.queue_with(&repo, |claim| claim.commit_sha = Some(lost.clone()));
    let build = rig.server.finished(build_id).await;
    build.assert_success();
    assert!(build.text().contains("\nlost\n"), "{}", build.text());
    rig.stop().await;
}

#[tokio::test]
async fn what_does_not_exist_is_told_apart() {
    let rig = Rig::start().await;
    let repo = repo_of("true");
    let missing = "0123456789abcdef0123456789abcdef01234567";
    type Change = fn(&mut plimsoll_core::protocol::Claim);
    let cases: [(Change, &str); 6] = [
        (|claim| claim.commit_sha = Some("0123456789abcdef0123456789abcdef01234567".to_owned()), missing),
        (|claim| claim.commit_sha = Some("--upload-pack=x".to_owned()), "is not a commit id"),
        (|claim| claim.branch_name = "nowhere".to_owned(), "there is no branch \"nowhere\""),
        (|claim| claim.branch_name = "-x".to_owned(), "is not a branch name"),
        (|claim| claim.repo_url = "/nonexistent/repo".to_owned(), "there is no git repository at this address"),
        (|claim| claim.repo_url = "ext::sh -c true".to_owned(), "remote helper"),
    ];
    for (change, words) in cases {
        let build_id = rig.queue_with(&repo, change);
        let build = rig.server.finished(build_id).await;
        let (reason, message) = build.failure();
        assert_eq!(reason, FailureReason::CheckoutFailed);
        assert!(message.contains(words), "{message}");
        assert!(build.text().contains(words), "{}", build.text());
    }
    rig.stop().await;
}

#[tokio::test]
async fn local_repositories_need_the_operator_s_leave() {
    let rig = Rig::with(|config| config.local_repositories = false).await;
    let build = rig.build(&repo_of("true")).await;
    assert_eq!(build.failure().0, FailureReason::CheckoutFailed);
    assert!(build.failure().1.contains("local repositories are not allowed"), "{}", build.failure().1);
    rig.stop().await;
}

#[tokio::test]
async fn a_mirror_follows_deleted_and_rewritten_branches_and_survives_locks_and_damage() {
    let rig = Rig::start().await;
    let repo = repo_of("cat which || true");
    repo.branch("a");
    repo.commit(&[("which", "branch a")], "a");
    repo.branch("main");
    rig.build(&repo).await.assert_success();

    // A branch named like the folder of another, which is gone.
    repo.git(&["branch", "-D", "a"]);
    repo.branch("a/b");
    repo.commit(&[("which", "branch a/b")], "b");
    std::fs::write(mirror(&rig).join("packed-refs.lock"), "").unwrap();
    let build_id = rig.queue_with(&repo, |claim| claim.branch_name = "a/b".to_owned());
    let build = rig.server.finished(build_id).await;
    build.assert_success();
    assert!(build.text().contains("branch a/b\n"), "{}", build.text());

    for damage in [damage_objects, damage_head] {
        damage(&mirror(&rig));
        let build_id = rig.queue_with(&repo, |claim| claim.branch_name = "a/b".to_owned());
        let build = rig.server.finished(build_id).await;
        build.assert_success();
        assert!(build.text().contains("branch a/b\n"), "{}", build.text());
    }
    rig.stop().await;
}

fn damage_objects(mirror: &Path) {
    let mut folders = vec![mirror.join("objects")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                std::fs::remove_file(entry.path()).unwrap();
                std::fs::write(entry.path(), "garbage").unwrap();
            }
        }
    }
}

fn damage_head(mirror: &Path) {
    std::fs::remove_file(mirror.join("HEAD")).unwrap();
}

/// Needs root to give files away.
#[tokio::test]
async fn a_local_repository_of_another_user_is_built() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let rig = Rig::start().await;
    let repo: Repo = repo_of("echo fine");
    for path in [repo.path().to_owned(), repo.path().join(".git")] {
        chown(path, Some(65534), Some(65534)).unwrap();
    }
    rig.build(&repo).await.assert_success();
    rig.stop().await;
}

#[tokio::test]
async fn builds_that_share_a_mirror_take_turns() {
    let rig = Rig::with(|config| config.slots = 4).await;
    let repo = repo_of("echo fine");
    let builds: Vec<_> = (0..4).map(|_| rig.queue(&repo)).collect();
    for build_id in builds {
        rig.server.finished(build_id).await.assert_success();
    }
    rig.stop().await;
}

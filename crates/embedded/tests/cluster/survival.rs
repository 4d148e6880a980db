//! Servers that are killed, and what the next start finds.

use std::process::Command;

use nix::sys::signal::Signal;
use plimsoll_embedded::State;

use crate::place::{PATIENCE, Place, connect, kill, running_after, text};

#[tokio::test]
async fn a_killed_server_is_started_again_at_the_same_door_with_what_was_committed() {
    let place = Place::new();
    let cluster = place.start().await;
    let url = cluster.url();
    let client = connect(&url).await;
    client.batch_execute("create table kept as select generate_series(1, 1000) as n").await.unwrap();
    // A busy backend notices its server's death late, and until then keeps a new one from starting.
    let busy = connect(&url).await;
    let spinning = tokio::spawn(async move { busy.batch_execute("do $$ begin loop end loop; end $$").await });
    let first = place.server_pid();
    for restarts in 1..=2 {
        kill(place.server_pid(), Signal::SIGKILL);
        let pid = running_after(&cluster, restarts).await;
        assert_ne!(pid, first);
        assert_eq!(text(&connect(&url).await, "select count(*)::text from kept").await, "1000");
    }
    assert!(spinning.await.unwrap().is_err(), "the old server's backend is gone");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_somebody_stopped_comes_back() {
    let place = Place::new();
    let cluster = place.start().await;
    let mut states = cluster.watch();
    kill(place.server_pid(), Signal::SIGINT);
    let down = states.wait_for(|state| matches!(state, State::Down { .. }));
    tokio::time::timeout(PATIENCE, down).await.unwrap().unwrap();
    running_after(&cluster, 1).await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_left_running_is_adopted_and_watched_like_any_other() {
    let place = Place::new();
    let first = place.start().await;
    let url = first.url();
    let pid = place.server_pid();
    drop(first);

    let adopted = place.start().await;
    assert_eq!(place.server_pid(), pid, "it was not started anew");
    assert_eq!(adopted.url(), url);
    connect(&url).await;
    kill(pid, Signal::SIGKILL);
    assert_ne!(running_after(&adopted, 1).await, pid);
    connect(&url).await;
    adopted.stop().await.unwrap();
}

#[tokio::test]
async fn when_manager_and_server_die_together_the_next_start_recovers_at_once() {
    let place = Place::new();
    let cluster = place.start().await;
    let url = cluster.url();
    connect(&url).await.batch_execute("create table kept as select generate_series(1, 1000) as n").await.unwrap();
    // These two outlive their server: one computes, one is suspended.
    for sql in ["do $$ begin loop end loop; end $$", "select pg_sleep(600)"] {
        let client = connect(&url).await;
        let pid: i32 = client.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        tokio::spawn(async move { client.batch_execute(sql).await });
        if sql.contains("pg_sleep") {
            kill(pid, Signal::SIGSTOP);
        }
    }
    let pid = place.server_pid();
    drop(cluster);
    kill(pid, Signal::SIGKILL);
    let cluster = place.start().await;
    assert_eq!(text(&connect(&url).await, "select count(*)::text from kept").await, "1000");
    assert_ne!(place.server_pid(), pid);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_suspended_server_can_be_stopped() {
    let place = Place::new();
    let cluster = place.start().await;
    kill(place.server_pid(), Signal::SIGSTOP);
    cluster.stop().await.unwrap();
    assert!(!place.data_dir().join("cluster/postmaster.pid").exists());
}

#[tokio::test]
async fn a_pid_file_left_by_a_dead_machine_does_not_keep_the_cluster_down() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    // The number is another process's now: one of the same user as the server, where PostgreSQL itself would refuse.
    let mut sleeper = Command::new("sleep").arg("600").spawn().unwrap();
    let cluster = place.data_dir().join("cluster");
    let run = place.data_dir().join("run");
    let stale = format!(
        "{}\n{}\n1700000000\n15999\n{}\n127.0.0.1\n1 1\nready   \n",
        sleeper.id(),
        cluster.display(),
        run.display()
    );
    std::fs::write(cluster.join("postmaster.pid"), stale).unwrap();
    place.start().await.stop().await.unwrap();
    assert!(sleeper.try_wait().unwrap().is_none(), "the process with that number was let be");
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();

    std::fs::write(cluster.join("postmaster.pid"), "").unwrap();
    place.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn an_initdb_that_was_cut_off_is_begun_again() {
    let place = Place::new();
    let half = place.data_dir().join("nursery/cluster/base");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(place.data_dir().join("nursery/cluster/PG_VERSION"), "18\n").unwrap();
    place.start().await.stop().await.unwrap();
    assert!(!place.data_dir().join("nursery").exists());
}

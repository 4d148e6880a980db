//! A manager that is killed, and one that is not root: this test program run again as another process.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use plimsoll_embedded::Cluster;

use crate::place::{self, Place, connect, text};

const DATA_DIR: &str = "PLIMSOLL_TEST_HOLD";

/// The other process: holds the cluster of the data directory it is told until it is killed. Without one, nothing.
#[tokio::test]
async fn hold_a_cluster() {
    let Some(data_dir) = std::env::var_os(DATA_DIR) else { return };
    let cluster = Cluster::start(place::config(PathBuf::from(data_dir)), |_| {}).await.unwrap();
    println!("\nholding {}", cluster.url());
    std::future::pending::<()>().await;
}

/// Starts the other process and answers it with the cluster's URL.
fn hold(program: &Path, data_dir: &Path, uid: Option<u32>) -> (Child, String) {
    let mut command = Command::new(program);
    command
        .args(["--exact", "other_process::hold_a_cluster", "--nocapture"])
        .env(DATA_DIR, data_dir)
        .env("PLIMSOLL_TOOLS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools"))
        .current_dir("/")
        .stdout(Stdio::piped());
    if let Some(uid) = uid {
        command.uid(uid).gid(uid);
    }
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.into_iter().find_map(|line| line.strip_prefix("holding ").map(str::to_owned));
    (child, url.expect("the other process holds a cluster"))
}

#[tokio::test]
async fn when_the_manager_is_killed_the_server_goes_on_and_the_next_manager_adopts_it() {
    let place = Place::new();
    let (mut child, url) = hold(&std::env::current_exe().unwrap(), &place.data_dir(), None);
    connect(&url).await.batch_execute("create table kept as select 7 as n").await.unwrap();
    let held = Cluster::start(place.config(), |_| {}).await.unwrap_err().to_string();
    assert!(held.contains(&format!("in use by process {}", child.id())), "{held}");

    let server = place.server_pid();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(text(&connect(&url).await, "select n::text from kept").await, "7");
    let adopted = place.start().await;
    assert_eq!((place.server_pid(), adopted.url()), (server, url));
    adopted.stop().await.unwrap();
    let after = Cluster::stop_left(place.config()).await.unwrap();
    assert!(!after, "nothing is left running");
}

#[tokio::test]
async fn a_plain_user_runs_a_cluster_of_their_own() {
    if !nix::unistd::geteuid().is_root() {
        return; // All other tests are run by a plain user already.
    }
    let nobody = nix::unistd::User::from_name("nobody").unwrap().expect("every system has a user nobody");
    let nobody = nobody.uid.as_raw();
    let place = Place::new();
    let home = place.folder().join("home");
    std::fs::create_dir(&home).unwrap();
    chown(&home, Some(nobody), Some(nobody)).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let program = place.folder().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();

    let (mut child, url) = hold(&program, &home.join("data"), Some(nobody));
    assert_eq!(text(&connect(&url).await, "select current_user::text").await, "plimsoll");
    let pid_file = std::fs::read_to_string(home.join("data/cluster/postmaster.pid")).unwrap();
    let server: i32 = pid_file.lines().next().unwrap().parse().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{server}/status")).unwrap_or_default();
    assert!(status.contains(&format!("Uid:\t{nobody}\t")) || !Path::new("/proc/self/status").exists(), "{status}");
    child.kill().unwrap();
    child.wait().unwrap();
    place::kill(server, nix::sys::signal::Signal::SIGQUIT);
}

#[tokio::test]
async fn programs_that_the_servers_user_cannot_read_are_copied_for_it() {
    if !nix::unistd::geteuid().is_root() {
        return; // Only root runs the server as somebody else.
    }
    let place = Place::new();
    let Some(binaries) = std::env::var_os("PLIMSOLL_POSTGRES_BINARIES").map(PathBuf::from) else {
        return; // Only a whole installation in a folder of its own can be copied; script/test names one.
    };
    let tools = binaries.canonicalize().unwrap().parent().unwrap().to_owned();
    let closed = place.folder().join("closed");
    std::fs::create_dir(&closed).unwrap();
    assert!(Command::new("cp").arg("-R").arg(&tools).arg(closed.join("pg")).status().unwrap().success());
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut config = place.config();
    config.binaries = Some(closed.join("pg"));
    let cluster = Cluster::start(config, |_| {}).await.unwrap();
    connect(&cluster.url()).await;
    assert!(place.data_dir().join("binaries").join(cluster.version().to_string()).join("bin/postgres").exists());
    cluster.stop().await.unwrap();
}

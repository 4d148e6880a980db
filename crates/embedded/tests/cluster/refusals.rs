//! What is not done, and the words for it.

use plimsoll_embedded::{Cluster, EmbeddedError};

use crate::place::Place;

#[tokio::test]
async fn two_starts_on_one_data_directory_cannot_both_manage_it() {
    let place = Place::new();
    let (one, two) = tokio::join!(Cluster::start(place.config(), |_| {}), Cluster::start(place.config(), |_| {}));
    let (cluster, refused) = match (one, two) {
        (Ok(cluster), Err(refused)) | (Err(refused), Ok(cluster)) => (cluster, refused),
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused, EmbeddedError::Locked { .. }), "{refused}");
    let words = format!("is in use by process {}: stop that one first", std::process::id());
    assert!(refused.to_string().contains(&words), "{refused}");
    cluster.stop().await.unwrap();
    place.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused_with_the_way_out_and_left_alone() {
    let place = Place::new();
    let made = place.start().await;
    let major = made.version().major;
    made.stop().await.unwrap();
    let version_file = place.data_dir().join("cluster/PG_VERSION");
    std::fs::write(&version_file, "14\n").unwrap();
    let refused = Cluster::start(place.config(), |_| {}).await.unwrap_err();
    assert!(matches!(refused, EmbeddedError::OtherMajor(_)), "{refused}");
    let words = refused.to_string();
    for expected in ["was made by PostgreSQL 14", "apt install postgresql-14", "pg_upgrade", "Nothing was changed"] {
        assert!(words.contains(expected), "{expected:?} is not in: {words}");
    }
    std::fs::write(&version_file, format!("{major}\n")).unwrap();
    place.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_full_of_something_else_is_not_touched() {
    let place = Place::new();
    let cluster = place.data_dir().join("cluster");
    std::fs::create_dir_all(&cluster).unwrap();
    std::fs::write(cluster.join("thesis.tex"), "years of work").unwrap();
    let refused = Cluster::start(place.config(), |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains("holds files but no PostgreSQL cluster: move them away"), "{refused}");
    assert!(cluster.join("thesis.tex").exists());
}

#[tokio::test]
async fn a_chosen_port_in_use_is_an_error_and_not_another_port() {
    let place = Place::new();
    let other = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mut config = place.config();
    config.port = Some(other.local_addr().unwrap().port());
    let refused = Cluster::start(config, |_| {}).await.unwrap_err();
    assert!(matches!(refused, EmbeddedError::Port(_)), "{refused}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    std::fs::write(place.data_dir().join("cluster/local.conf"), "shared_buffers = 'plenty'\n").unwrap();
    let failed = Cluster::start(place.config(), |_| {}).await.unwrap_err().to_string();
    assert!(failed.contains("PostgreSQL ended while it was starting") && failed.contains("shared_buffers"), "{failed}");
}

#[tokio::test]
async fn a_lost_superuser_password_is_said_before_anything_starts() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    std::fs::remove_file(place.data_dir().join("superuser.password")).unwrap();
    let failed = Cluster::start(place.config(), |_| {}).await.unwrap_err().to_string();
    assert!(failed.contains("superuser.password is missing"), "{failed}");
}

#[tokio::test]
async fn a_closed_folder_on_the_way_is_named() {
    use std::os::unix::fs::PermissionsExt;
    if !nix::unistd::geteuid().is_root() {
        return; // A plain user's server is that user's own process and comes wherever the user does.
    }
    let place = Place::new();
    let closed = place.folder().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let refused = Cluster::start(crate::place::config(closed.join("data")), |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("chmod o+x {}", closed.display())), "{refused}");
}

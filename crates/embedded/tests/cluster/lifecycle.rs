//! The ordinary course: made, used, stopped, started.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use plimsoll_embedded::State;

use crate::place::{Place, connect, text};

#[tokio::test]
async fn a_new_cluster_is_made_closed_to_others_and_ready_for_the_application() {
    let place = Place::new();
    let cluster = place.start().await;
    for url in [cluster.url(), cluster.socket_url()] {
        let client = connect(&url).await;
        assert_eq!(text(&client, "select current_user || '@' || current_database()").await, "plimsoll@plimsoll");
        assert_eq!(text(&client, "show search_path").await, "public, ops, metrics");
        assert_eq!(text(&client, "show server_encoding").await, "UTF8");
        assert_eq!(text(&client, "show data_checksums").await, "on");
        assert_eq!(text(&client, "select string_agg(c, '' order by c) from unnest('{a,B,ä}'::text[]) c").await, "Baä");
        assert!(text(&client, "show server_version").await.starts_with(&cluster.version().major.to_string()));
    }
    let client = connect(&cluster.url()).await;
    client.query("select count(*) from pg_stat_statements", &[]).await.expect("statistics are collected");
    // What the schema's first migration does on PostgreSQL as on Supabase, without being a superuser.
    client
        .batch_execute(
            "create role authenticated nologin noinherit; create role authenticator login noinherit;
             grant authenticated, service_role to authenticator;
             grant authenticated to plimsoll;
             set role authenticated; reset role; set role service_role; reset role;
             create schema auth; drop role authenticator; drop role authenticated",
        )
        .await
        .unwrap();
    let superuser = connect(&cluster.superuser_url()).await;
    let open = "select count(*)::text from pg_depend d
                left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
                left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
                cross join unnest(coalesce(c.relacl, p.proacl, acldefault('f', p.proowner))) acl
                where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and acl::text like '=%'
                  and d.refobjid = (select oid from pg_extension where extname = 'pg_stat_statements')";
    assert_eq!(text(&superuser, open).await, "0", "statistics are not for everybody");
    assert_eq!(text(&superuser, "select rolsuper::text from pg_roles where rolname = 'plimsoll'").await, "false");
    assert_eq!(text(&superuser, "show listen_addresses").await, "127.0.0.1");

    let wrong = cluster.url().replacen("plimsoll:", "plimsoll:x", 1);
    assert!(tokio_postgres::connect(&wrong, tokio_postgres::NoTls).await.is_err(), "no way in without the password");
    for secret in ["password", "superuser.password"] {
        assert_eq!(std::fs::metadata(place.data_dir().join(secret)).unwrap().mode() & 0o777, 0o600, "{secret}");
    }
    assert!(!place.data_dir().join("initdb.password").exists());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn stopping_and_starting_keeps_data_port_and_passwords() {
    let place = Place::new();
    let first = place.start().await;
    let url = first.url();
    connect(&url).await.batch_execute("create table kept as select 7 as number").await.unwrap();
    let states = first.watch();
    first.stop().await.unwrap();
    assert_eq!(*states.borrow(), State::Stopped);
    assert!(!place.data_dir().join("cluster/postmaster.pid").exists(), "it was shut down cleanly");

    let second = place.start().await;
    assert_eq!(second.url(), url);
    assert_eq!(text(&connect(&url).await, "select number::text from kept").await, "7");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_port_that_somebody_took_meanwhile_is_left_to_them() {
    let place = Place::new();
    let first = place.start().await;
    let port = first.port();
    first.stop().await.unwrap();
    let _other = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let second = place.start().await;
    assert_ne!(second.port(), port);
    connect(&second.url()).await;
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_forgotten_login_password_is_set_anew() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    std::fs::remove_file(place.data_dir().join("password")).unwrap();
    let cluster = place.start().await;
    let client = connect(&cluster.url()).await;
    let superuser =
        connect(&cluster.superuser_url().replacen("/postgres", "/plimsoll", 2).replacen("//plimsoll", "//postgres", 1))
            .await;
    let leaked = "select count(*)::text from pg_stat_statements where query ilike '%role plimsoll%password%'";
    assert_eq!(text(&superuser, leaked).await, "0");
    drop(client);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_operators_own_settings_are_read_last() {
    let place = Place::new();
    place.start().await.stop().await.unwrap();
    let path = place.data_dir().join("cluster/local.conf");
    std::fs::write(&path, "work_mem = '13MB'\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let cluster = place.start().await;
    assert_eq!(text(&connect(&cluster.url()).await, "show work_mem").await, "13MB");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_long_path_gets_its_socket_elsewhere() {
    let place = Place::new();
    let data_dir = place.folder().join("d".repeat(60)).join("e".repeat(60));
    let cluster = plimsoll_embedded::Cluster::start(crate::place::config(data_dir), |_| {}).await.unwrap();
    assert!(cluster.socket_url().contains("%2Ftmp%2Fplimsoll-"), "{}", cluster.socket_url());
    connect(&cluster.socket_url()).await;
    let port = cluster.port();
    let socket = format!(".s.PGSQL.{port}");
    let left = move || {
        let folders = std::fs::read_dir("/tmp").unwrap().flatten().map(|entry| entry.path());
        folders
            .filter(|path| path.to_string_lossy().starts_with("/tmp/plimsoll-"))
            .any(|path| path.join(&socket).exists())
    };
    assert!(left());
    cluster.stop().await.unwrap();
    assert!(!left());
}

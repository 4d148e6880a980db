use futures::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::harbour::Harbour;

/// Requests of many share a few connections; nobody's role, claims or settings reach another's.
#[tokio::test]
async fn nobody_gets_anothers_connection_state() {
    let harbour = Harbour::new().await;
    let people = ["owner", "nobody", "service", "viewer", "rival", "anon", "admin"];
    let requests = (0..350).map(|n| {
        let who = people[n % people.len()];
        let mut request = harbour.request("POST", "/rpc/whoami").header("content-profile", "public");
        if n % 3 == 0 {
            // A failure in between leaves an aborted transaction where something is wrong.
            request = harbour.request("POST", "/rpc/complain").header("content-profile", "public");
        }
        if let Some(token) = harbour.bearer(who) {
            request = request.bearer_auth(token);
        }
        async move {
            let answer = request.header("prefer", format!("timezone=Etc/GMT+{}", n % 9)).send().await.unwrap();
            (n, who, answer.status().as_u16(), answer.text().await.unwrap())
        }
    });
    for (n, who, status, text) in join_all(requests).await {
        let role = match who {
            "nobody" | "anon" => "anon",
            "service" => "service_role",
            _ => "authenticated",
        };
        if n % 3 == 0 {
            assert_eq!(status, if role == "anon" { 401 } else { 400 }, "{who}: {text}");
        } else {
            assert_eq!((status, text), (200, format!("\"{role}\"")), "{who}");
        }
    }
    harbour
        .check(
            r#"
            the zone of another request is gone
            GET /ships?select=launched&id=eq.2
            200 [{"launched": "2010-01-01T00:00:00+00:00"}]

            and no claims are left for nobody
            POST /rpc/claim
            as: nobody
            {"name": "sub"}
            200 null
            "#,
        )
        .await;
}

#[tokio::test]
async fn everybody_sees_the_own_rows() {
    let harbour = Harbour::new().await;
    let requests = (0..120).map(|n| {
        let (who, project) = if n % 2 == 0 { ("owner", harbour.project) } else { ("rival", harbour.rival_project) };
        let call = harbour.request("POST", "/rpc/list_projects?select=id");
        let read = harbour.request("GET", "/projects?select=id");
        let request = if n % 3 == 0 { call } else { read }.bearer_auth(harbour.bearer(who).unwrap());
        async move { (who, project, request.send().await.unwrap().json::<Value>().await.unwrap()) }
    });
    for (who, project, rows) in join_all(requests).await {
        assert_eq!(rows, json!([{"id": project}]), "{who}");
    }
}

/// A client that goes away in the middle leaves nothing behind for the next.
#[tokio::test]
async fn clients_that_go_away() {
    let harbour = Harbour::new().await;
    let naps: Vec<_> =
        (0..3).map(|_| tokio::spawn(harbour.owner("POST", "/rpc/nap").json(&json!({"seconds": 50})).send())).collect();
    let napping = "from pg_stat_activity
                   where datname = current_database() and wait_event = 'PgSleep' and pid <> pg_backend_pid()";
    while harbour.read(&format!("select count(*) {napping}")).await != "3" {
        assert!(!naps.iter().any(JoinHandle::is_finished), "a nap ended by itself");
    }
    for nap in naps {
        nap.abort();
        assert!(nap.await.is_err(), "each client went away");
    }
    let nobody_else = async || {
        let asked = (0..16).map(|_| {
            let request = harbour.request("POST", "/rpc/whoami").header("content-profile", "public");
            async move { request.send().await.unwrap().text().await.unwrap() }
        });
        assert_eq!(join_all(asked).await, ["\"anon\""; 16]);
    };
    nobody_else().await;
    // Their connections come back.
    harbour.run(&format!("select pg_cancel_backend(pid) {napping}")).await;
    nobody_else().await;
}

/// Two writes of one key at once: one is made, the other is told so.
#[tokio::test]
async fn the_same_key_at_once() {
    let harbour = Harbour::new().await;
    let writes = (0..20).map(|_| {
        let request = harbour.owner("POST", "/only_key").json(&json!({"id": 500}));
        async move { request.send().await.unwrap().status().as_u16() }
    });
    let mut statuses = join_all(writes).await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 19][..]));
    let merged = (0..20).map(|n| {
        let request = harbour.owner("POST", "/berths").header("prefer", "resolution=merge-duplicates");
        let request = request.json(&json!([{"port_id": 3, "number": 3, "note": n.to_string()}]));
        async move { request.send().await.unwrap().status().as_u16() }
    });
    let mut statuses = join_all(merged).await;
    statuses.sort_unstable();
    assert_eq!((&statuses[..19], statuses[19]), (&[200; 19][..], 201));
    assert_eq!(harbour.read("select count(*) from berths where port_id = 3").await, "1");
}

use serde_json::json;

use crate::app::{App, config, state};

#[tokio::test]
async fn a_migrated_database_is_ready() {
    let app = App::new().await;
    let body = app.get("/readyz").send().await.expect(200).json();
    assert_eq!((&body["ready"], &body["missing"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn an_empty_database_says_to_migrate() {
    let db = plimsoll_testkit::TestDb::empty().await;
    let app = App::new().await;
    let empty = state(db.url(), config());
    let app = App {
        router: plimsoll_server::app(empty.clone(), axum::Router::new(), axum::Router::new()),
        state: empty,
        ..app
    };
    let missing = app.get("/readyz").send().await.expect(503).json()["missing"][0].as_str().unwrap().to_owned();
    assert!(missing.starts_with("schema: ") && missing.contains("plimsoll migrate"), "{missing}");
}

#[tokio::test]
async fn no_database_is_named_without_its_address() {
    let app = App::new().await;
    let nowhere = state("postgres://nobody@127.0.0.1:1/nothing", config());
    let app = App {
        router: plimsoll_server::app(nowhere.clone(), axum::Router::new(), axum::Router::new()),
        state: nowhere,
        ..app
    };
    let answer = app.get("/readyz").send().await.expect(503);
    assert!(answer.json()["missing"][0].as_str().unwrap().starts_with("database: "));
    assert!(!answer.text().contains("127.0.0.1"));
}

#[tokio::test]
async fn a_server_that_stops_takes_no_more() {
    let app = App::new().await;
    app.state.shutdown.cancel();
    let answer = app.get("/readyz").send().await.expect(503);
    assert_eq!(answer.json()["missing"], json!(["server: it is stopping"]));
}

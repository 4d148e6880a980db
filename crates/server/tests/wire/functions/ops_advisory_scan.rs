use axum::body::Body;
use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::{ADVISORY_TOKEN, Answer, App, INGEST_TOKEN, request};

const PATH: &str = "/functions/v1/ops-advisory-scan";

async fn scan(app: &App, token: &str, body: &'static str) -> Answer {
    let call = request("POST", PATH, "").header("x-ops-advisory-token", token);
    app.send(call.body(Body::from(body)).unwrap()).await
}

/// Projects that have been here for ten days.
async fn grow_old(app: &App) {
    app.client.execute("update ops.projects set created_at = now() - interval '10 days'", &[]).await.unwrap();
}

#[tokio::test]
async fn a_scan_answers_what_it_opened_and_a_second_one_nothing() {
    let app = App::new().await;
    let idle = seed::project(&app.client, app.org.id, "idle", "https://git.example/idle.git").await;
    let elsewhere = seed::org(&app.client, "Elsewhere").await;
    seed::project(&app.client, elsewhere.id, "other", "https://git.example/other.git").await;
    grow_old(&app).await;
    app.trigger().await;

    assert_eq!(scan(&app, ADVISORY_TOKEN, "{}").await.expect(200).json(), json!({"advisories_created": 2}));
    assert_eq!(scan(&app, ADVISORY_TOKEN, "").await.expect(200).json(), json!({"advisories_created": 0}));
    let path = format!("/api/ops/projects/{idle}/advisories");
    let listed = app.get(&path, &app.owner()).await.expect(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let advisory = &listed[0];
    assert_eq!(
        (&advisory["severity"], &advisory["category"], &advisory["status"], &advisory["key"]),
        (&json!("warning"), &json!("reliability"), &json!("open"), &json!("no_recent_build"))
    );
    assert_eq!(advisory["evidence"]["days_without_build"], json!(10));
    let building = format!("/api/ops/projects/{}/advisories", app.project);
    assert_eq!(app.get(&building, &app.owner()).await.expect(200).json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn scans_at_once_open_one() {
    let app = App::new().await;
    grow_old(&app).await;
    let answers = futures::future::join_all((0..8).map(|_| scan(&app, ADVISORY_TOKEN, ""))).await;
    let created: i64 = answers.iter().map(|answer| answer.json()["advisories_created"].as_i64().unwrap()).sum();
    assert_eq!(created, 1);
    assert_eq!(app.count("select count(*) from ops.advisories where project_id = $1", app.project).await, 1);
}

#[tokio::test]
async fn only_its_own_token_opens_it() {
    let app = App::new().await;
    grow_old(&app).await;
    let missing = app.post(PATH, "", &json!({})).await.expect(401);
    assert!(missing.error().contains("x-ops-advisory-token"), "{}", missing.error());
    for token in ["", "guess", INGEST_TOKEN] {
        scan(&app, token, "").await.expect(401);
    }
    app.post(PATH, &app.service_key(), &json!({})).await.expect(401);
    assert_eq!(app.count("select count(*) from ops.advisories where project_id = $1", app.project).await, 0);
}

#[tokio::test]
async fn other_methods_and_what_is_not_json_are_refused() {
    let app = App::new().await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let call = request(method, PATH, "").header("x-ops-advisory-token", ADVISORY_TOKEN);
        let answer = app.send(call.body(Body::empty()).unwrap()).await.expect(405);
        assert_eq!(answer.headers["allow"], "POST, OPTIONS");
    }
    let refused = scan(&app, ADVISORY_TOKEN, "{\"a\": ").await.expect(400);
    assert!(refused.error().contains("not valid JSON"), "{}", refused.error());
    scan(&app, ADVISORY_TOKEN, " \n").await.expect(200);
}

use serde_json::json;
use uuid::Uuid;

use crate::app::App;

#[tokio::test]
async fn a_build_is_queued_once_for_one_key() {
    let app = App::new().await;
    let (_, cookie) = app.member("developer").await;
    let path = format!("/api/ops/projects/{}/trigger", app.project);
    let body =
        json!({"branch_id": app.branch, "params": {"target": "build", "env": "dev", "force": true}, "priority": 1});
    let trigger =
        |body: &serde_json::Value| app.post(&path).cookie(&cookie).header("idempotency-key", "once").json(body).send();
    let first = trigger(&body).await.expect(201).json();
    assert_eq!((&first["status"], &first["queue_key"]), (&json!("queued"), &json!("shop/main#1")));
    assert_eq!(trigger(&body).await.expect(201).json(), first);
    trigger(&json!({"branch_id": app.branch})).await.expect(409);
    assert_eq!(app.count("ops.builds").await, 1);
    app.post(&path).cookie(&cookie).json(&body).send().await.expect(201);
    assert_eq!(app.count("ops.builds").await, 2);
}

#[tokio::test]
async fn wrong_wishes_leave_nothing_behind() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let path = format!("/api/ops/projects/{}/trigger", app.project);
    let trigger = |body: serde_json::Value| app.post(&path).cookie(&cookie).json(&body).send();
    trigger(json!({})).await.expect(400);
    trigger(json!({"branch_id": "main"})).await.expect(400);
    trigger(json!({"branch_id": app.branch, "commit_sha": "abc"})).await.expect(400);
    trigger(json!({"branch_id": app.branch, "priority": 11})).await.expect(400);
    trigger(json!({"branch_id": app.branch, "params": {"target": "moon"}})).await.expect(400);
    trigger(json!({"branch_id": Uuid::new_v4()})).await.expect(404);
    let long = "k".repeat(256);
    let call = app.post(&path).cookie(&cookie).header("idempotency-key", &long);
    call.json(&json!({"branch_id": app.branch})).send().await.expect(400);
    assert_eq!(app.count("ops.builds").await, 0);
    assert_eq!(app.count("ops.idempotency_keys").await, 0);
}

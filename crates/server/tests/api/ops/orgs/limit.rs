use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn admins_set_how_many_builds_run() {
    let app = App::new().await;
    let path = format!("/api/ops/orgs/{}/limit", app.org.id);
    let (_, admin) = app.member("admin").await;
    let (_, developer) = app.member("developer").await;
    app.put(&path).cookie(&developer).json(&json!({"max_running": 1})).send().await.expect(403);
    app.put(&path).cookie(&admin).json(&json!({"max_running": -1})).send().await.expect(400);
    app.put(&path).cookie(&admin).json(&json!({"max_running": 2})).send().await.expect(204);
    assert_eq!(app.count("ops.queue_lanes where max_running = 2").await, 1);
}

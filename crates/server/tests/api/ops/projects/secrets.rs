use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_secret_is_sealed_named_and_never_shown() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let path = format!("/api/ops/projects/{}/secrets", app.project);
    let one = format!("{path}/API_KEY");
    app.put(&one).cookie(&cookie).json(&json!({"value": "hunter2hunter2"})).send().await.expect(204);
    let listed = app.get(&path).cookie(&cookie).send().await.expect(200);
    assert_eq!(listed.json()[0]["name"], "API_KEY");
    assert!(!listed.text().contains("hunter2"));
    let sealed: Vec<u8> = app.client.query_one("select sealed from ops.project_secrets", &[]).await.unwrap().get(0);
    let owner = plimsoll_server::project_secret_owner(app.project, "API_KEY");
    assert_eq!(app.state.keys.open(&owner, &sealed).unwrap(), b"hunter2hunter2");
    assert_eq!(app.count("ops.audit_log a where strpos(a::text, 'hunter2') > 0").await, 0);

    app.delete(&one).cookie(&cookie).send().await.expect(204);
    app.delete(&one).cookie(&cookie).send().await.expect(404);
}

#[tokio::test]
async fn names_and_values_that_cannot_be_are_refused() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let put = |name: &str, value: &str| {
        let path = format!("/api/ops/projects/{}/secrets/{name}", app.project);
        app.put(&path).cookie(&cookie).json(&json!({"value": value})).send()
    };
    assert!(put("API_KEY", "abc").await.expect(400).error().contains("masked"));
    put("API_KEY", &"x".repeat(70_000)).await.expect(400);
    put("lower", "hunter2hunter2").await.expect(400);
    put("1ST", "hunter2hunter2").await.expect(400);
    assert_eq!(app.count("ops.project_secrets").await, 0);
}

#[tokio::test]
async fn developers_do_not_touch_them() {
    let app = App::new().await;
    let (_, developer) = app.member("developer").await;
    let path = format!("/api/ops/projects/{}/secrets", app.project);
    app.get(&path).cookie(&developer).send().await.expect(403);
    let put = app.put(&format!("{path}/API_KEY")).cookie(&developer).json(&json!({"value": "hunter2hunter2"}));
    put.send().await.expect(403);
}

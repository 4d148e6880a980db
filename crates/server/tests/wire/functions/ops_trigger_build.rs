use axum::body::Body;
use plimsoll_testkit::seed;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{Answer, App, request, user_token};

const PATH: &str = "/functions/v1/ops-trigger-build";

fn body(app: &App) -> Value {
    json!({"project_id": app.project, "branch_id": app.branch})
}

async fn with_key(app: &App, bearer: &str, key: &str, body: String) -> Answer {
    app.send(request("POST", PATH, bearer).header("idempotency-key", key).body(Body::from(body)).unwrap()).await
}

async fn builds(app: &App) -> i64 {
    app.count("select count(*) from ops.builds where project_id = $1", app.project).await
}

#[tokio::test]
async fn a_build_is_queued_and_the_answer_has_exactly_the_fields_of_the_contract() {
    let app = App::new().await;
    let mut asked = body(&app);
    asked["trigger"] = json!("manual");
    asked["commit_sha"] = json!("ab".repeat(20));
    asked["params"] = json!({"target": "deploy", "env": "stage", "force": false});
    let answer = app.post(PATH, &app.owner(), &asked).await.expect(200).json();
    let names: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(names, ["build_id", "created_at", "queue_id", "queue_key", "status"]);
    assert_eq!((&answer["status"], &answer["queue_key"]), (&json!("queued"), &json!("shop/main#1")));
    let id: Uuid = answer["build_id"].as_str().unwrap().parse().unwrap();
    let sql = "select b.params, b.created_by, q.id from ops.builds b join ops.run_queue q on q.build_id = b.id where b.id = $1";
    let row = app.client.query_one(sql, &[&id]).await.unwrap();
    assert_eq!(row.get::<_, Value>(0), asked["params"]);
    assert_eq!(row.get::<_, Uuid>(1), app.org.owner);
    assert_eq!(row.get::<_, Uuid>(2).to_string(), answer["queue_id"]);
}

#[tokio::test]
async fn who_may_not_is_told_so() {
    let app = App::new().await;
    let missing = app.post(PATH, "", &body(&app)).await.expect(401);
    assert_eq!(missing.error(), "Missing bearer token");
    app.post(PATH, "not.a.jwt", &body(&app)).await.expect(401);
    app.post(PATH, &app.state.keys.anon_key(), &body(&app)).await.expect(401);
    let stranger = user_token(seed::org(&app.client, "Other").await.owner);
    app.post(PATH, &stranger, &body(&app)).await.expect(403);
    let unknown = json!({"project_id": Uuid::new_v4(), "branch_id": app.branch});
    app.post(PATH, &app.owner(), &unknown).await.expect(403);
    let viewer = user_token(seed::member(&app.client, app.org.id, "viewer").await);
    app.post(PATH, &viewer, &body(&app)).await.expect(403);
    assert_eq!(builds(&app).await, 0);
    app.post(PATH, &app.service_key(), &body(&app)).await.expect(200);
}

#[tokio::test]
async fn a_key_speaks_for_itself_without_a_bearer() {
    let app = App::new().await;
    let keys = app.get("/api/ops/keys", &app.service_key()).await.expect(200).json();
    let key = |kind: &str| {
        let found = keys.as_array().unwrap().iter().find(|key| key["kind"] == kind).unwrap();
        found["key"].as_str().unwrap().to_owned()
    };
    let with = |key: String| {
        let call = request("POST", PATH, "").header("apikey", key).body(Body::from(body(&app).to_string()));
        app.send(call.unwrap())
    };
    for nobody in [key("publishable"), app.state.keys.anon_key()] {
        assert_eq!(with(nobody).await.expect(401).error(), "Missing bearer token");
    }
    for somebody in [key("secret"), app.service_key(), app.owner()] {
        with(somebody).await.expect(200);
    }
    assert_eq!(builds(&app).await, 3);
}

#[tokio::test]
async fn a_wrong_body_is_refused_with_what_would_be_right() {
    let app = App::new().await;
    let (project, branch) = (json!(app.project), json!(app.branch));
    let with = |name: &str, value: Value| {
        let mut asked = body(&app);
        asked[name] = value;
        asked
    };
    for (asked, says) in [
        (json!({"project_id": project}), "branch_id is required"),
        (json!({"branch_id": branch}), "project_id is required"),
        (json!({"project_id": project, "branch_id": null}), "branch_id is required"),
        (json!({"project_id": project, "branch_id": "main"}), "branch_id must be a UUID"),
        (with("project_id", json!(7)), "project_id must be a UUID"),
        (with("trigger", json!("whim")), "trigger is"),
        (with("commit_sha", json!("abc")), "commit_sha"),
        (with("commit_sha", json!(1)), "commit_sha must be a string"),
        (with("params", json!([])), "params must be an object"),
        (with("params", json!({"target": "moon"})), "build, deploy, promote"),
        (with("params", json!({"env": "production"})), "dev, stage, prod"),
        (with("params", json!({"force": "yes"})), "params.force"),
        (json!([1]), "JSON object"),
    ] {
        let refused = app.post(PATH, &app.owner(), &asked).await.expect(400);
        assert!(refused.error().contains(says), "{says}: {}", refused.error());
    }
    for (text, says) in
        [("", "a JSON body is required"), ("{\"project_id\": ", "not valid JSON"), ("project_id=1", "not valid JSON")]
    {
        let request = request("POST", PATH, &app.owner()).body(Body::from(text)).unwrap();
        assert!(app.send(request).await.expect(400).error().contains(says));
    }
    let elsewhere = with("branch_id", json!(Uuid::new_v4()));
    app.post(PATH, &app.owner(), &elsewhere).await.expect(404);
    assert_eq!(builds(&app).await, 0);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let app = App::new().await;
    let text = body(&app).to_string();
    let first = with_key(&app, &app.owner(), "k1", text.clone()).await.expect(200).json();
    let spaced = format!("{{ \"branch_id\": \"{}\",\n \"project_id\": \"{}\" }}", app.branch, app.project);
    for repeat in [text, spaced] {
        assert_eq!(with_key(&app, &app.owner(), "k1", repeat).await.expect(200).json(), first);
    }
    let mut other = body(&app);
    other["params"] = json!({"force": true});
    with_key(&app, &app.owner(), "k1", other.to_string()).await.expect(409);
    assert_eq!(builds(&app).await, 1);
    let second = with_key(&app, &app.owner(), "k2", other.to_string()).await.expect(200).json();
    assert_ne!(second["build_id"], first["build_id"]);
    with_key(&app, &app.owner(), &"k".repeat(256), other.to_string()).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_at_once_queue_one_build() {
    let app = App::new().await;
    let calls = (0..8).map(|_| with_key_owned(&app));
    let answers = futures::future::join_all(calls).await;
    let first = answers[0].json();
    for answer in answers {
        assert_eq!(answer.expect(200).json(), first);
    }
    assert_eq!(builds(&app).await, 1);
}

async fn with_key_owned(app: &App) -> Answer {
    with_key(app, &app.owner(), "same", body(app).to_string()).await
}

#[tokio::test]
async fn other_methods_are_refused_and_a_browser_of_any_origin_may_ask() {
    let app = App::new().await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = app.send(request(method, PATH, &app.owner()).body(Body::empty()).unwrap()).await.expect(405);
        assert!(!answer.error().is_empty());
        assert_eq!(answer.headers["allow"], "POST, OPTIONS");
    }
    let options =
        request("OPTIONS", PATH, "").header("origin", "https://elsewhere.example").body(Body::empty()).unwrap();
    let preflight = app.send(options).await.expect(200);
    assert_eq!(preflight.headers["access-control-allow-origin"], "*");
    let allowed = preflight.headers["access-control-allow-headers"].to_str().unwrap();
    for name in ["authorization", "x-client-info", "apikey", "content-type"] {
        assert!(allowed.contains(name), "{allowed}");
    }
    let refused = app.post(PATH, "bad", &body(&app)).await.expect(401);
    assert_eq!(refused.headers["access-control-allow-origin"], "*", "a page can read why it was refused");
}

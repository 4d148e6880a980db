use axum::body::Body;
use plimsoll_testkit::seed;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{ADVISORY_TOKEN, Answer, App, INGEST_TOKEN, request};

const PATH: &str = "/functions/v1/ops-metrics-ingest";

fn batch(app: &App) -> Value {
    json!({
        "project_id": app.project, "branch_id": app.branch, "ts": "2026-11-20T10:00:00.500Z",
        "samples": [{"metric": "cpu_pct", "value": 45.2, "dims": {"host": "web-1"}}, {"metric": "mem_mb", "value": 900}],
    })
}

async fn send(app: &App, token: &str, key: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut call = request("POST", PATH, "").header("x-ops-ingest-token", token);
    if let Some(key) = key {
        call = call.header("idempotency-key", key);
    }
    app.send(call.body(body.into()).unwrap()).await
}

async fn ingest(app: &App, body: &Value) -> Answer {
    send(app, INGEST_TOKEN, None, body.to_string()).await
}

async fn stored(app: &App) -> i64 {
    app.count("select count(*) from ops.metrics where project_id = $1", app.project).await
}

#[tokio::test]
async fn a_batch_is_stored_and_counted() {
    let app = App::new().await;
    assert_eq!(ingest(&app, &batch(&app)).await.expect(200).json(), json!({"inserted": 2}));
    let sql = "select org_id, branch_id, ts = '2026-11-20T10:00:00.5Z', metric::text, value::double precision, dims
               from ops.metrics order by metric";
    let rows = app.client.query(sql, &[]).await.unwrap();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            assert_eq!(row.get::<_, Uuid>(0), app.org.id);
            assert_eq!(row.get::<_, Option<Uuid>>(1), Some(app.branch));
            assert!(row.get::<_, bool>(2), "the time");
            (row.get::<_, String>(3), row.get::<_, f64>(4), row.get::<_, Value>(5))
        })
        .collect();
    let expected = [("cpu_pct".to_owned(), 45.2, json!({"host": "web-1"})), ("mem_mb".to_owned(), 900.0, json!({}))];
    assert_eq!(seen, expected);

    let mut without_branch = batch(&app);
    without_branch.as_object_mut().unwrap().remove("branch_id");
    ingest(&app, &without_branch).await.expect(200);
    let mut empty = batch(&app);
    empty["samples"] = json!([]);
    assert_eq!(ingest(&app, &empty).await.expect(200).json(), json!({"inserted": 0}));
    assert_eq!(stored(&app).await, 4);
}

#[tokio::test]
async fn only_its_own_token_opens_it() {
    let app = App::new().await;
    let body = batch(&app).to_string();
    let missing = app.post(PATH, "", &batch(&app)).await.expect(401);
    assert!(missing.error().contains("x-ops-ingest-token"), "{}", missing.error());
    for token in ["", "guess", ADVISORY_TOKEN, &app.service_key()] {
        send(&app, token, None, body.clone()).await.expect(401);
    }
    app.post(PATH, &app.owner(), &batch(&app)).await.expect(401);
    // Nothing is said about a body before the token is good.
    send(&app, "guess", None, "not JSON").await.expect(401);
    assert_eq!(stored(&app).await, 0);
}

#[tokio::test]
async fn a_wrong_body_is_refused_and_nothing_is_stored() {
    let app = App::new().await;
    let with = |name: &str, value: Value| {
        let mut body = batch(&app);
        body[name] = value;
        body
    };
    let second = |sample: Value| with("samples", json!([{"metric": "ok", "value": 1}, sample]));
    let elsewhere = seed::org(&app.client, "Elsewhere").await;
    let other = seed::project(&app.client, elsewhere.id, "other", "https://git.example/other.git").await;
    let other_branch = seed::branch(&app.client, other, "main", "production").await;
    for (body, status, says) in [
        (with("project_id", Value::Null), 400, "project_id is required"),
        (with("project_id", json!("shop")), 400, "project_id must be a UUID"),
        (with("ts", Value::Null), 400, "ts is required"),
        (with("ts", json!("last Tuesday")), 400, "ts is \"last Tuesday\""),
        (with("ts", json!(1_763_719_200)), 400, "milliseconds since 1970"),
        (with("samples", Value::Null), 400, "samples is required"),
        (with("samples", json!("cpu")), 400, "samples must be an array"),
        (second(json!({"metric": "not ok", "value": 1})), 400, "samples[1] has the metric \"not ok\""),
        (second(json!({"metric": "m", "value": null})), 400, "samples[1] has the value null"),
        (second(json!({"metric": "m", "value": "1; drop table ops.metrics"})), 400, "samples[1] has the value"),
        (second(json!({"metric": "m", "value": 1, "dims": {"a": []}})), 400, "samples[1] has dims.a"),
        (with("project_id", json!(Uuid::new_v4())), 404, "no such project"),
        (with("branch_id", json!(Uuid::new_v4())), 404, "no such branch in the project"),
        (with("branch_id", json!(other_branch)), 404, "no such branch in the project"),
        (with("samples", json!(vec![json!({"metric": "m", "value": 1}); 10_001])), 413, "10000 at a time"),
        (with("note", json!("x".repeat(4 << 20))), 413, "limit"),
    ] {
        let refused = ingest(&app, &body).await.expect(status);
        assert!(refused.error().contains(says), "{says}: {}", refused.error());
    }
    for text in ["", "{\"project_id\": ", "[1,2]", "{\"samples\": [NaN]}", "\u{feff}{}"] {
        send(&app, INGEST_TOKEN, None, text).await.expect(400);
    }
    send(&app, INGEST_TOKEN, None, vec![0xff, 0xfe]).await.expect(400);
    assert_eq!(stored(&app).await, 0);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let app = App::new().await;
    let text = batch(&app).to_string();
    for _ in 0..3 {
        let answer = send(&app, INGEST_TOKEN, Some("k1"), text.clone()).await.expect(200);
        assert_eq!(answer.json(), json!({"inserted": 2}));
    }
    let spaced = serde_json::to_string_pretty(&batch(&app)).unwrap();
    send(&app, INGEST_TOKEN, Some("k1"), spaced).await.expect(200);
    assert_eq!(stored(&app).await, 2);
    let mut other = batch(&app);
    other["samples"][1]["value"] = json!(901);
    let refused = send(&app, INGEST_TOKEN, Some("k1"), other.to_string()).await.expect(409);
    assert!(refused.error().contains("idempotency key"), "{}", refused.error());
    let mut elsewhere = batch(&app);
    elsewhere["project_id"] = json!(seed::project(&app.client, app.org.id, "two", "https://git.example/2.git").await);
    elsewhere["branch_id"] = Value::Null;
    send(&app, INGEST_TOKEN, Some("k1"), elsewhere.to_string()).await.expect(409);
    send(&app, INGEST_TOKEN, Some("k2"), other.to_string()).await.expect(200);
    assert_eq!(stored(&app).await, 4);
    // Without a key nobody promised that the second is the first.
    send(&app, INGEST_TOKEN, None, text).await.expect(200);
    assert_eq!(stored(&app).await, 6);
    // A refusal leaves the key free.
    other["ts"] = json!("never");
    send(&app, INGEST_TOKEN, Some("k3"), other.to_string()).await.expect(400);
    send(&app, INGEST_TOKEN, Some("k3"), batch(&app).to_string()).await.expect(200);
    send(&app, INGEST_TOKEN, Some(&"k".repeat(256)), batch(&app).to_string()).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_at_once_are_stored_once() {
    let app = App::new().await;
    let text = batch(&app).to_string();
    let calls = (0..8).map(|_| send(&app, INGEST_TOKEN, Some("same"), text.clone()));
    for answer in futures::future::join_all(calls).await {
        assert_eq!(answer.expect(200).json(), json!({"inserted": 2}));
    }
    assert_eq!(stored(&app).await, 2);
}

#[tokio::test]
async fn other_methods_are_refused_and_a_browser_of_any_origin_may_ask() {
    let app = App::new().await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let call = request(method, PATH, "").header("x-ops-ingest-token", INGEST_TOKEN).body(Body::empty()).unwrap();
        let answer = app.send(call).await.expect(405);
        assert!(!answer.error().is_empty());
        assert_eq!(answer.headers["allow"], "POST, OPTIONS");
    }
    let options = request("OPTIONS", PATH, "").header("origin", "https://elsewhere.example");
    let preflight = app.send(options.body(Body::empty()).unwrap()).await.expect(200);
    assert_eq!(preflight.headers["access-control-allow-origin"], "*");
    let allowed = preflight.headers["access-control-allow-headers"].to_str().unwrap();
    for name in ["x-ops-ingest-token", "idempotency-key", "content-type"] {
        assert!(allowed.contains(name), "{allowed}");
    }
}

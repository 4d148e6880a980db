use axum::body::Body;
use serde_json::json;

use crate::app::{App, chunk, request};

#[tokio::test]
async fn lines_are_stored_once_however_often_they_are_sent() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let first = claim.next_line;
    for _ in 0..3 {
        let answer = app.append(&claim, first, &["a", "b", "c"]).await.expect(200);
        assert_eq!(answer.json()["next_line"], first + 3);
    }
    app.append(&claim, first + 3, &["d"]).await.expect(200);
    let answer =
        app.get(&format!("/api/ops/builds/{}/logs?from={first}", claim.build_id), &app.owner()).await.expect(200);
    assert_eq!(answer.json()["text"], json!(["a", "b", "c", "d"]));
    assert_eq!(answer.json()["next_line"], first + 4);
}

#[tokio::test]
async fn a_gap_or_another_cut_is_refused_with_where_to_go_on() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let first = claim.next_line;
    app.append(&claim, first, &["a", "b"]).await.expect(200);
    for (at, lines) in [(first + 3, vec!["late"]), (first + 1, vec!["b", "c"])] {
        let refused = app.append(&claim, at, &lines).await.expect(409);
        assert_eq!(refused.json()["code"], "line_gap");
        assert_eq!(refused.json()["next_line"], first + 2);
    }
}

#[tokio::test]
async fn a_runner_that_lost_its_lease_adds_nothing_and_is_recorded() {
    let app = App::new().await;
    let claim = app.claimed().await;
    app.expire(&claim).await;
    for (method, what, body) in [
        ("POST", "logs", chunk(claim.next_line, &["ghost"])),
        ("POST", "heartbeat", json!({})),
        ("PUT", "steps", json!({"steps": []})),
        ("POST", "tests", json!({"execution_time_seconds": 0.0, "cases": []})),
        (
            "POST",
            "commit",
            json!({"sha": "a".repeat(40), "message": "", "author": "", "recipe": null, "sandbox_level": "none"}),
        ),
        ("POST", "finish", json!({"status": "success", "next_line": claim.next_line})),
        ("POST", "finish", json!({"status": "infrastructure", "message": "no disk", "next_line": claim.next_line})),
    ] {
        let refused = app.attempt(&claim, method, what, &body).await.expect(409);
        assert_eq!(refused.json()["code"], "stale_token", "{what}");
    }
    assert_eq!(app.count("select count(*) from ops.fenced_writes where build_id = $1", claim.build_id).await, 7);
    let lines = "select count(*) from ops.log_chunks where build_id = $1 and body = 'ghost'";
    assert_eq!(app.count(lines, claim.build_id).await, 0);
}

#[tokio::test]
async fn a_wrong_chunk_is_refused_with_what_is_wrong() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let first = claim.next_line;
    let mut uneven = chunk(first, &["a", "b"]);
    uneven["dt_ms"] = json!([0]);
    let mut outside = chunk(first, &["a"]);
    outside["marks"] = json!([{"line": first + 1, "kind": "error"}]);
    for (body, says) in [
        (uneven, "all three must be the same"),
        (outside, "outside this chunk"),
        (chunk(0, &["a"]), "count from 1"),
        (chunk(first, &["nul \0 byte"]), "NUL"),
        (json!({"first_line": first}), "missing field"),
        (json!([1, 2]), "invalid"),
    ] {
        let refused = app.attempt(&claim, "POST", "logs", &body).await.expect(400);
        assert!(refused.error().contains(says), "{says}: {}", refused.error());
        assert_eq!(refused.json()["code"], "bad_request");
    }
    let path = format!("/runner/v1/attempts/{}/logs", claim.build_id);
    let broken = request("POST", &path, &claim.attempt_token).body(Body::from("{\"first_line\": 1,")).unwrap();
    app.send(broken).await.expect(400);
    let huge = request("POST", &path, &claim.attempt_token).body(Body::from(vec![b' '; (4 << 20) + 1])).unwrap();
    assert_eq!(app.send(huge).await.expect(413).json()["code"], "too_large");
    app.append(&claim, first, &["still there"]).await.expect(200);
}

#[tokio::test]
async fn a_log_over_its_limit_is_refused() {
    let mut config = crate::app::config();
    config.max_log_bytes = 100;
    let app = App::with(config).await;
    let claim = app.claimed().await;
    assert_eq!(claim.max_log_bytes, 100);
    let refused = app.append(&claim, claim.next_line, &[&"x".repeat(101)]).await.expect(409);
    assert_eq!(refused.json()["code"], "log_limit");
}

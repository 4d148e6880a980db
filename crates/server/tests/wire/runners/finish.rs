use serde_json::json;
use uuid::Uuid;

use crate::app::App;

async fn build(app: &App, id: Uuid) -> (String, Option<String>, Option<String>) {
    let sql = "select status, failure_reason, error_message from ops.builds where id = $1";
    let row = app.client.query_one(sql, &[&id]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test]
async fn a_finish_can_be_repeated_and_ends_the_build_once() {
    let app = App::new().await;
    let claim = app.claimed().await;
    app.append(&claim, claim.next_line, &["done"]).await.expect(200);
    for _ in 0..2 {
        app.finish(&claim, claim.next_line + 1).await.expect(204);
    }
    assert_eq!(build(&app, claim.build_id).await.0, "success");
    assert_eq!(app.count("select count(*) from ops.build_attempts where build_id = $1", claim.build_id).await, 1);
    let late = app.append(&claim, claim.next_line + 1, &["late"]).await.expect(409);
    assert_eq!(late.json()["code"], "stale_token");
}

#[tokio::test]
async fn a_finish_waits_for_all_lines() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let refused = app.finish(&claim, claim.next_line + 5).await.expect(409);
    assert_eq!((&refused.json()["code"], &refused.json()["next_line"]), (&json!("line_gap"), &json!(claim.next_line)));
    assert_eq!(build(&app, claim.build_id).await.0, "running");
}

#[tokio::test]
async fn a_failure_keeps_its_reason_and_words() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let body = json!({"status": "failed", "reason": "step_failed", "message": "exit 2 \0 in test", "next_line": claim.next_line});
    app.attempt(&claim, "POST", "finish", &body).await.expect(204);
    let (status, reason, message) = build(&app, claim.build_id).await;
    assert_eq!((status.as_str(), reason.as_deref()), ("failed", Some("step_failed")));
    assert_eq!(message.as_deref(), Some("exit 2 \u{fffd} in test"));
}

#[tokio::test]
async fn what_a_runner_could_not_run_is_queued_again_until_attempts_are_used_up() {
    let app = App::new().await;
    let mut claim = app.claimed().await;
    let id = claim.build_id;
    let runner = app.runner().await;
    for attempt in 1..=3 {
        assert_eq!(claim.attempt, attempt);
        let body = json!({"status": "infrastructure", "message": "no disk", "next_line": claim.next_line});
        app.attempt(&claim, "POST", "finish", &body).await.expect(204);
        if attempt == 3 {
            break;
        }
        assert_eq!(build(&app, id).await.0, "queued");
        app.client
            .execute("update ops.run_queue set next_attempt_at = now() - interval '1 s' where build_id = $1", &[&id])
            .await
            .unwrap();
        app.client.execute("select ops.promote_due_runs()", &[]).await.unwrap();
        claim = app.claim(&runner).await.expect("claimable again");
    }
    let (status, reason, _) = build(&app, id).await;
    assert_eq!((status.as_str(), reason.as_deref()), ("failed", Some("infrastructure")));
}

#[tokio::test]
async fn an_outcome_that_is_none_is_refused() {
    let app = App::new().await;
    let claim = app.claimed().await;
    for body in [
        json!({"status": "fine", "next_line": 1}),
        json!({"status": "failed", "reason": "bored", "message": "", "next_line": 1}),
        json!({"status": "success"}),
    ] {
        app.attempt(&claim, "POST", "finish", &body).await.expect(400);
    }
    assert_eq!(build(&app, claim.build_id).await.0, "running");
}

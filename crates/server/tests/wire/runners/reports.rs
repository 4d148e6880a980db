use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn commit_steps_and_tests_are_kept_and_can_be_sent_again() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let commit = json!({"sha": "ab".repeat(20), "message": "Fix it \0", "author": "Ann", "recipe": "cargo", "sandbox_level": "bubblewrap"});
    let step = json!({"name": "test", "phase": "test", "command": "cargo test", "status": "running",
        "started_at": "2026-01-01T00:00:00Z", "finished_at": null, "exit_code": null, "first_line": 1});
    let case = |name: &str, outcome: &str| json!({"suite": "s", "name": name, "outcome": outcome, "duration_seconds": 0.5, "failure": null});
    let tests = json!({"execution_time_seconds": 1.0, "cases": [case("a", "passed"), case("b", "failed")]});
    for _ in 0..2 {
        app.attempt(&claim, "POST", "commit", &commit).await.expect(204);
        app.attempt(&claim, "PUT", "steps", &json!({"steps": [step]})).await.expect(204);
        app.attempt(&claim, "POST", "tests", &tests).await.expect(204);
    }
    let sql = "select commit_sha, commit_author, recipe, sandbox_level from ops.builds where id = $1";
    let row = app.client.query_one(sql, &[&claim.build_id]).await.unwrap();
    let kept: Vec<String> = (0..4).map(|column| row.get(column)).collect();
    assert_eq!(kept, [&"ab".repeat(20), "Ann", "cargo", "bubblewrap"]);
    assert_eq!(app.count("select count(*) from ops.build_steps where build_id = $1", claim.build_id).await, 1);
    assert_eq!(app.count("select count(*) from metrics.test_runs where build_id = $1", claim.build_id).await, 1);
}

#[tokio::test]
async fn a_commit_must_be_a_whole_hash() {
    let app = App::new().await;
    let claim = app.claimed().await;
    for sha in ["", "abc", &"AB".repeat(20), &"z".repeat(40)] {
        let body = json!({"sha": sha, "message": "", "author": "", "recipe": null, "sandbox_level": "none"});
        let refused = app.attempt(&claim, "POST", "commit", &body).await.expect(400);
        assert!(refused.error().contains("40 or 64"), "{}", refused.error());
    }
}

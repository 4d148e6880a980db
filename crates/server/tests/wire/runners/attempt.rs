use serde_json::json;
use uuid::Uuid;

use crate::app::{App, chunk};

#[tokio::test]
async fn an_attempt_token_is_good_for_its_own_build_alone() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let other = format!("/runner/v1/attempts/{}/logs", Uuid::new_v4());
    let refused = app.post(&other, &claim.attempt_token, &chunk(1, &["a"])).await.expect(401);
    assert!(refused.error().contains("another build"), "{}", refused.error());
    app.post("/runner/v1/attempts/nonsense/logs", &claim.attempt_token, &chunk(1, &["a"])).await.expect(400);
}

#[tokio::test]
async fn no_other_token_writes_for_an_attempt() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let path = format!("/runner/v1/attempts/{}/heartbeat", claim.build_id);
    let mut forged = claim.attempt_token.clone().into_bytes();
    forged[30] = if forged[30] == b'x' { b'y' } else { b'x' };
    for bearer in
        [String::new(), app.service_key(), app.owner(), app.runner().await, String::from_utf8(forged).unwrap()]
    {
        let refused = app.post(&path, &bearer, &json!({})).await.expect(401);
        assert_eq!(refused.json()["code"], "unauthorized");
    }
    let beat = app.post(&path, &claim.attempt_token, &json!({})).await.expect(200).json();
    assert_eq!((&beat["cancel"], &beat["next_line"]), (&json!(null), &json!(claim.next_line)));
    assert!(beat["lease_remaining_ms"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn a_heartbeat_says_when_somebody_asked_to_stop() {
    let app = App::new().await;
    let claim = app.claimed().await;
    app.post(&format!("/api/ops/builds/{}/cancel", claim.build_id), &app.owner(), &json!({})).await;
    let beat = app.attempt(&claim, "POST", "heartbeat", &json!({})).await.expect(200);
    assert_eq!(beat.json()["cancel"], "cancelled");
}

#[tokio::test]
async fn guessing_tokens_is_limited_and_harms_no_runner() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let path = format!("/runner/v1/attempts/{}/heartbeat", claim.build_id);
    let tries = 2 * app.state.config.rates.refused.burst as usize;
    let mut answers = Vec::new();
    for n in 0..tries {
        answers.push(app.post(&path, &format!("plim_att_guess{n}"), &json!({})).await.status.as_u16());
    }
    assert_eq!((answers[0], answers[tries - 1]), (401, 429));
    app.post("/runner/v1/claim", "plim_run_guess", &json!({})).await.expect(429);
    app.post(&path, &claim.attempt_token, &json!({})).await.expect(200);
}

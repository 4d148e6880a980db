use std::time::Duration;

use plimsoll_core::protocol::Claim;
use plimsoll_server::project_secret_owner;
use plimsoll_testkit::seed;
use serde_json::json;

use super::register::api_token;
use crate::app::{App, register};
use crate::sse::PATIENCE;

#[tokio::test]
async fn a_claim_carries_all_a_runner_needs() {
    let app = App::new().await;
    let sealed = app.state.keys.seal(&project_secret_owner(app.project, "API_KEY"), b"hunter2");
    let sql = "insert into ops.project_secrets (org_id, project_id, name, sealed) values ($1, $2, 'API_KEY', $3)";
    app.client.execute(sql, &[&app.org.id, &app.project, &sealed]).await.unwrap();
    let claim = app.claimed().await;
    assert_eq!(claim.secrets["API_KEY"], "hunter2");
    assert_eq!((claim.project_slug.as_str(), claim.branch_name.as_str()), ("shop", "main"));
    assert_eq!(claim.repo_url, "https://git.example/acme/shop.git");
    assert_eq!((claim.attempt, claim.build_number, claim.lease_seconds), (1, 1, 30));
    assert!(claim.attempt_token.starts_with("plim_att_"));
    assert_eq!(claim.max_log_bytes, app.state.config.max_log_bytes);
    let runner = app.runner().await;
    assert!(app.claim(&runner).await.is_none(), "one build, one lease");
}

#[tokio::test]
async fn a_waiting_claim_hears_of_a_new_build() {
    let app = App::new().await;
    let runner = app.runner().await;
    let body = json!({"free_slots": 1});
    let waiting = app.post("/runner/v1/claim?wait_seconds=30", &runner, &body);
    let (answer, build) = tokio::join!(tokio::time::timeout(PATIENCE, waiting), app.trigger());
    let claim: Claim = serde_json::from_slice(&answer.expect("the claim ends").expect(200).body).unwrap();
    assert_eq!(claim.build_id, build);
}

#[tokio::test]
async fn a_waiting_claim_finds_a_build_that_another_replica_queued() {
    let app = App::new().await;
    let replica = app.replica().await;
    let runner = app.runner().await;
    let body = json!({"free_slots": 1});
    let waiting = app.post("/runner/v1/claim?wait_seconds=30", &runner, &body);
    let (answer, build) = tokio::join!(tokio::time::timeout(PATIENCE, waiting), replica.trigger());
    let claim: Claim = serde_json::from_slice(&answer.expect("the claim ends").expect(200).body).unwrap();
    assert_eq!(claim.build_id, build);
}

#[tokio::test]
async fn stopping_the_server_ends_a_waiting_claim() {
    let app = App::new().await;
    let runner = app.runner().await;
    let body = json!({});
    let waiting = app.post("/runner/v1/claim?wait_seconds=30", &runner, &body);
    let stop = async { app.state.shutdown.cancel() };
    let (answer, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(20), waiting), stop);
    answer.expect("it ends long before its wait").expect(204);
}

#[tokio::test]
async fn a_runner_that_leaves_as_it_claims_leaves_the_build_to_others() {
    let app = App::new().await;
    let build = app.trigger().await;
    let runner = app.runner().await;
    {
        let mut claim = Box::pin(app.claim(&runner));
        // Far enough that the claim is on its way, then the connection is gone.
        for _ in 0..50 {
            if futures::poll!(&mut claim).is_ready() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(claim) = app.claim(&runner).await {
                return claim;
            }
            app.client.execute("select ops.promote_due_runs()", &[]).await.unwrap();
        }
    });
    assert_eq!(found.await.expect("the build can be claimed again").build_id, build);
}

#[tokio::test]
async fn a_runner_of_one_org_never_sees_another_orgs_build() {
    let app = App::new().await;
    let other = seed::org(&app.client, "Other").await;
    let token = api_token(&app, &["runner"]).await;
    app.client
        .execute("update registry.api_tokens set org_id = $1, created_by = $2", &[&other.id, &other.owner])
        .await
        .unwrap();
    let answer = app.post("/runner/v1/register", &token, &register("theirs")).await.expect(200);
    let theirs = answer.json()["runner_token"].as_str().unwrap().to_owned();
    app.trigger().await;
    assert!(app.claim(&theirs).await.is_none());
    let ours = app.runner().await;
    assert!(app.claim(&ours).await.is_some());
}

#[tokio::test]
async fn only_a_registered_runner_claims() {
    let app = App::new().await;
    let body = json!({"free_slots": 1});
    for bearer in [String::new(), app.service_key(), app.owner(), "plim_run_made-up".to_owned()] {
        let refused = app.post("/runner/v1/claim", &bearer, &body).await.expect(401);
        assert_eq!(refused.json()["code"], "unauthorized", "{bearer}");
    }
    let runner = app.runner().await;
    app.client.execute("update ops.runners set removed_at = now()", &[]).await.unwrap();
    app.post("/runner/v1/claim", &runner, &body).await.expect(401);
}

#[tokio::test]
async fn a_secret_that_does_not_open_gives_the_build_back() {
    let app = App::new().await;
    let sql =
        "insert into ops.project_secrets (org_id, project_id, name, sealed) values ($1, $2, 'API_KEY', '\\x0102')";
    app.client.execute(sql, &[&app.org.id, &app.project]).await.unwrap();
    let build = app.trigger().await;
    let runner = app.runner().await;
    let refused = app.post("/runner/v1/claim", &runner, &json!({})).await.expect(503);
    assert!(refused.error().contains("API_KEY"), "{}", refused.error());
    assert_eq!(app.count("select count(*) from ops.leases where build_id = $1", build).await, 0);
}

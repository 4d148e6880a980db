use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_build_says_everything_about_itself_and_why_it_waits() {
    let app = App::new().await;
    let build = app.queued_build().await;
    let (_, cookie) = app.member("viewer").await;
    let get = |suffix: &str| app.get(&format!("/api/ops/builds/{build}{suffix}")).cookie(&cookie).send();
    let detail = get("").await.expect(200).json();
    assert_eq!((&detail["build"]["id"], &detail["build"]["status"]), (&json!(build), &json!("queued")));
    assert_eq!(detail["project"]["slug"], "shop");
    let why = get("/why").await.expect(200).json();
    assert_eq!((&why["reason"], &why["position"]), (&json!("no_runner"), &json!(1)));
    assert!(why["message"].as_str().unwrap().contains("plimsoll runner"));
    assert_eq!(get("/tests").await.expect(200).json(), json!([]));
    assert_eq!(get("/artifacts").await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn a_queued_build_is_cancelled_at_once_and_then_built_again() {
    let app = App::new().await;
    let build = app.queued_build().await;
    let (_, cookie) = app.member("developer").await;
    let post = |what: &str| app.post(&format!("/api/ops/builds/{build}/{what}")).cookie(&cookie).send();
    assert!(post("rebuild").await.expect(409).error().contains("queued"));
    assert_eq!(post("cancel").await.expect(202).json(), json!({"status": "cancelled"}));
    assert_eq!(post("cancel").await.expect(202).json(), json!({"status": "cancelled"}));
    let again = post("rebuild").await.expect(201).json()["id"].clone();
    let path = format!("/api/ops/builds/{}", again.as_str().unwrap());
    let detail = app.get(&path).cookie(&cookie).send().await.expect(200).json();
    assert_eq!(detail["build"]["rebuild_of"], json!(build));
}

#[tokio::test]
async fn an_ended_build_cannot_be_cancelled_and_the_error_names_both_states() {
    let app = App::new().await;
    let build = app.queued_build().await;
    let claimed = app.state.db.claim_next_run("r").await.unwrap().unwrap();
    let (token, running, success) = (
        claimed.fencing_token,
        plimsoll_core::status::BuildStatus::Running,
        plimsoll_core::status::BuildStatus::Success,
    );
    app.state.db.set_build_status(build, running, None, Some(token)).await.unwrap();
    app.state.db.finish_run(build, token, success, None, None, 1).await.unwrap();
    let path = format!("/api/ops/builds/{build}/cancel");
    let error = app.post(&path).cookie(&app.owner().await).send().await.expect(409).error();
    assert!(error.contains("success") && error.contains("cancelled"), "{error}");
}

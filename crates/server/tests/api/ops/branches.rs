use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_branch_moves_between_development_and_staging_and_no_further() {
    let app = App::new().await;
    let (_, cookie) = app.member("developer").await;
    let branch = seed::branch(&app.client, app.project, "feature", "development").await;
    let move_to = |branch: uuid::Uuid, stage: &str| {
        app.post(&format!("/api/ops/branches/{branch}/stage")).cookie(&cookie).json(&json!({"stage": stage})).send()
    };
    move_to(branch, "staging").await.expect(204);
    move_to(branch, "development").await.expect(204);
    let refused = move_to(branch, "production").await;
    assert!(matches!(refused.status.as_u16(), 400 | 409), "{}", refused.text());
    assert!(refused.error().contains("merge"), "{}", refused.error());
    move_to(app.branch, "development").await.expect(409);
}

#[tokio::test]
async fn an_admin_swaps_the_production_branch() {
    let app = App::new().await;
    let (_, admin) = app.member("admin").await;
    let (_, developer) = app.member("developer").await;
    let branch = seed::branch(&app.client, app.project, "next", "staging").await;
    let path = format!("/api/ops/branches/{branch}/production");
    app.post(&path).cookie(&developer).send().await.expect(403);
    app.post(&path).cookie(&admin).send().await.expect(204);
    let branches = app.get(&format!("/api/ops/projects/{}/branches", app.project)).cookie(&admin).send().await.json();
    let stages: Vec<_> = branches.as_array().unwrap().iter().map(|b| (b["name"].clone(), b["stage"].clone())).collect();
    assert_eq!(stages, [(json!("next"), json!("production")), (json!("main"), json!("staging"))]);
}

#[tokio::test]
async fn a_branchs_builds_are_listed_for_who_may_see_them() {
    let app = App::new().await;
    let build = app.queued_build().await;
    let path = format!("/api/ops/branches/{}/builds", app.branch);
    let builds = app.get(&path).cookie(&app.owner().await).send().await.expect(200).json();
    assert_eq!(builds[0]["id"], json!(build));
    let foreign = seed::org(&app.client, "Elsewhere").await.owner;
    app.get(&path).cookie(&app.session(foreign).await).send().await.expect(404);
}

//! `/api/ops/projects/…`

mod secrets;
mod trigger;

use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn projects_are_seen_by_their_org_alone() {
    let app = App::new().await;
    let foreign = app.session(seed::org(&app.client, "Elsewhere").await.owner).await;
    let own = app.get("/api/ops/projects").cookie(&app.owner().await).send().await.expect(200).json();
    assert_eq!(own[0]["id"], json!(app.project));
    assert_eq!(app.get("/api/ops/projects").cookie(&foreign).send().await.expect(200).json(), json!([]));
    for path in ["", "/branches", "/builds"] {
        let path = format!("/api/ops/projects/{}{path}", app.project);
        app.get(&path).cookie(&foreign).send().await.expect(404);
    }
}

#[tokio::test]
async fn builds_are_paged_and_filtered() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let first = app.queued_build().await;
    let other = seed::branch(&app.client, app.project, "other", "development").await;
    let second = seed::build(&app.client, other).await;
    let get =
        |query: String| app.get(&format!("/api/ops/projects/{}/builds{query}", app.project)).cookie(&cookie).send();
    let ids = |body: serde_json::Value| body.as_array().unwrap().iter().map(|b| b["id"].clone()).collect::<Vec<_>>();
    let all = get(String::new()).await.expect(200).json();
    assert_eq!(ids(all.clone()), [json!(second), json!(first)]);
    assert_eq!(ids(get("?limit=1".to_owned()).await.expect(200).json()), [json!(second)]);
    let before = all[0]["created_at"].as_str().unwrap().replace('+', "%2B");
    assert_eq!(ids(get(format!("?before={before}")).await.expect(200).json()), [json!(first)]);
    assert_eq!(ids(get(format!("?branch_id={}", app.branch)).await.expect(200).json()), [json!(first)]);
    assert_eq!(get("?status=success".to_owned()).await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn an_archived_project_takes_no_builds() {
    let app = App::new().await;
    let build = app.queued_build().await;
    let cookie = app.owner().await;
    let project = format!("/api/ops/projects/{}", app.project);
    app.post(&format!("{project}/archive")).cookie(&cookie).send().await.expect(204);
    let detail = app.get(&format!("/api/ops/builds/{build}")).cookie(&cookie).send().await.expect(200).json();
    assert_eq!(detail["build"]["status"], "cancelled");
    let body = json!({"branch_id": app.branch});
    app.post(&format!("{project}/trigger")).cookie(&cookie).json(&body).send().await.expect(409);
}

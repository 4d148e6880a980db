use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn an_admin_adds_a_repository_and_its_branches_are_asked_for() {
    let app = App::new().await;
    let path = format!("/api/ops/orgs/{}/projects", app.org.id);
    let (_, admin) = app.member("admin").await;
    let (_, developer) = app.member("developer").await;
    let body = json!({"name": "Till", "repo_url": "https://git.example/acme/till.git"});
    let woken = app.state.wake.sync.notified();
    app.post(&path).cookie(&developer).json(&body).send().await.expect(403);
    let made = app.post(&path).cookie(&admin).json(&body).send().await.expect(201).json();
    woken.await;
    let project = format!("/api/ops/projects/{}", made["id"].as_str().unwrap());
    let project = app.get(&project).cookie(&developer).send().await.expect(200).json();
    assert_eq!((&project["slug"], &project["status"]), (&json!("till"), &json!("active")));
    assert!(project["sync_requested_at"].is_string());
    let listed = app.get(&path).cookie(&developer).send().await.expect(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_list_of_another_org_does_not_exist() {
    let app = App::new().await;
    let foreign = seed::org(&app.client, "Elsewhere").await;
    let cookie = app.session(foreign.owner).await;
    app.get(&format!("/api/ops/orgs/{}/projects", app.org.id)).cookie(&cookie).send().await.expect(404);
    let own = app.get(&format!("/api/ops/orgs/{}/projects", foreign.id)).cookie(&cookie).send().await.expect(200);
    assert_eq!(own.json(), json!([]));
}

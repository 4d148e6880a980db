use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn roles_change_and_one_owner_always_stays() {
    let app = App::new().await;
    let owner = app.owner().await;
    let (user_id, cookie) = app.member("viewer").await;
    let path = |user: uuid::Uuid| format!("/api/ops/orgs/{}/members/{user}", app.org.id);
    let set = |user, role: &str, by: &str| {
        let call = app.request(axum::http::Method::PATCH, &path(user)).cookie(by);
        call.json(&json!({"role": role})).send()
    };
    set(user_id, "developer", &owner).await.expect(204);
    set(user_id, "admin", &cookie).await.expect(403);
    set(app.org.owner, "viewer", &owner).await.expect(409);
    app.delete(&path(app.org.owner)).cookie(&owner).send().await.expect(409);
    assert!(set(user_id, "king", &owner).await.expect(400).error().contains("owner"));
    let members = app.get(&format!("/api/ops/orgs/{}/members", app.org.id)).cookie(&cookie).send().await.expect(200);
    let roles: Vec<_> = members.json().as_array().unwrap().iter().map(|m| m["role"].clone()).collect();
    assert_eq!(roles, [json!("owner"), json!("developer")]);
}

#[tokio::test]
async fn an_account_in_use_gets_no_link_that_would_open_it() {
    let app = App::new().await;
    let elsewhere = seed::org(&app.client, "Elsewhere").await.owner;
    let path = format!("/api/ops/orgs/{}/members", app.org.id);
    let body = json!({"email": format!("{elsewhere}@example.test"), "role": "viewer"});
    let invited = app.post(&path).cookie(&app.owner().await).json(&body).send().await.expect(201).json();
    assert_eq!(invited, json!({"user_id": elsewhere, "status": "active", "link": null, "expires_at": null}));
    assert_eq!(app.count("registry.signin_links").await, 0);
}

#[tokio::test]
async fn admins_invite_and_only_owners_invite_owners() {
    let app = App::new().await;
    let path = format!("/api/ops/orgs/{}/members", app.org.id);
    let (_, developer) = app.member("developer").await;
    let (_, admin) = app.member("admin").await;
    let invite = |by: String, role: &str, email: &str| {
        app.post(&path).cookie(&by).json(&json!({"email": email, "role": role})).send()
    };
    invite(developer, "viewer", "a@example.test").await.expect(403);
    invite(admin.clone(), "owner", "a@example.test").await.expect(403);
    invite(admin.clone(), "viewer", "not an address").await.expect(400);
    invite(admin, "viewer", "a@example.test").await.expect(201);
}

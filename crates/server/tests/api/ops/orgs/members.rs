use plimsoll_testkit::seed;
use serde_json::{Value, json};

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

/// Invites an address into the org; answers the token in its link.
async fn invite(app: &App, org: uuid::Uuid, by: &str, email: &str) -> String {
    let call = app.post(&format!("/api/ops/orgs/{org}/members")).cookie(by);
    let invited = call.json(&json!({"email": email, "role": "admin"})).send().await.expect(201).json();
    assert_eq!(invited["status"], "invited");
    invited["link"].as_str().unwrap().split_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn the_link_of_one_org_opens_no_account_that_another_relies_on() {
    let app = App::new().await;
    let (owner, mallory) = (app.owner().await, app.session(seed::org(&app.client, "Elsewhere").await.owner).await);
    let elsewhere =
        app.get("/api/ops/orgs").cookie(&mallory).send().await.json()[0]["id"].as_str().unwrap().parse().unwrap();
    let orgs_of = async |bearer: &str| {
        let me = app.get("/api/ops/me").bearer(bearer).send().await.expect(200).json();
        me["orgs"].as_array().unwrap().iter().map(|org| org["id"].clone()).collect::<Vec<_>>()
    };
    let sign_up = async |email: &str, token: &str| {
        let body = json!({"email": email, "password": "correct horse", "token": token});
        let answer = app.post("/auth/v1/signup").json(&body).send().await.expect(200).json();
        answer["access_token"].as_str().unwrap().to_owned()
    };

    // Kept until the person is in the org where they belong.
    let kept = invite(&app, elsewhere, &mallory, "ada@example.test").await;
    let ada = sign_up("ada@example.test", &invite(&app, app.org.id, &owner, "ada@example.test").await).await;
    let verify = json!({"type": "invite", "token_hash": kept});
    app.post("/auth/v1/verify").json(&verify).send().await.expect(403);
    let refused = app.post("/signin").json(&json!({"token": kept})).send().await.expect(401);
    assert_eq!(refused.json()["code"], "account");
    let refused = app.post("/signin").cookie(&mallory).json(&json!({"token": kept})).send().await.expect(401);
    assert_eq!(refused.json()["code"], "account");
    assert_eq!(orgs_of(&ada).await, [json!(app.org.id)]);

    // Signed up before the org where they belong invites them.
    let early = sign_up("bob@example.test", &invite(&app, elsewhere, &mallory, "bob@example.test").await).await;
    let token = invite(&app, app.org.id, &owner, "bob@example.test").await;
    assert_eq!(orgs_of(&early).await, [json!(elsewhere)]);

    // Who has the account and the link joins, and once.
    let join = || app.post("/signin").bearer(&early).json(&json!({"token": token})).send();
    assert!(join().await.expect(200).header("set-cookie").is_none());
    assert_eq!(orgs_of(&early).await.len(), 2);
    join().await.expect(401);
}

#[tokio::test]
async fn the_audit_log_names_who_joined_and_who_was_removed() {
    let app = App::new().await;
    let owner = app.owner().await;
    let elsewhere = seed::org(&app.client, "Elsewhere").await.owner;
    let email = app.state.db.email_of(elsewhere).await.unwrap().unwrap();
    // One who is new signs in by the link; one who has an account joins by it.
    let fresh = json!({"token": invite(&app, app.org.id, &owner, "new@example.test").await});
    let new = app.post("/signin").json(&fresh).send().await.expect(200).json()["user_id"].clone();
    let known = json!({"token": invite(&app, app.org.id, &owner, &email).await});
    app.post("/signin").cookie(&app.session(elsewhere).await).json(&known).send().await.expect(200);
    let member = format!("/api/ops/orgs/{}/members/{elsewhere}", app.org.id);
    app.delete(&member).cookie(&owner).send().await.expect(204);

    let log = app.get(&format!("/api/ops/orgs/{}/audit", app.org.id)).cookie(&owner).send().await.expect(200).json();
    let of = |action: &str| -> Vec<Value> {
        let found = log.as_array().unwrap().iter().filter(|entry| entry["action"] == action);
        found.map(|entry| json!([entry["actor"], entry["target"], entry["detail"]])).collect()
    };
    let (new, known) = (format!("user:{}", new.as_str().unwrap()), format!("user:{elsewhere}"));
    assert_eq!(
        of("member.joined"),
        [json!([known, known, {"email": email}]), json!([new, new, {"email": "new@example.test"}])]
    );
    let by = format!("user:{}", app.org.owner);
    assert_eq!(of("member.removed"), [json!([by, known, {"role": "admin", "email": email}])]);
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

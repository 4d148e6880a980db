use jiff::Timestamp;
use plimsoll_server::ServerConfig;
use plimsoll_server::tokens::{self, Kind};
use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::{App, config};

/// A fresh link for the owner, good for `seconds`.
async fn link(app: &App, seconds: i64) -> String {
    let token = tokens::generate(Kind::Link);
    let expires_at = Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    app.state.db.create_signin_link(&tokens::hash(&token), app.org.owner, expires_at).await.unwrap();
    token
}

/// Gives the owner a password; answers their address.
async fn with_password(app: &App, password: &str) -> String {
    let cookie = app.owner().await;
    app.put("/api/ops/password").cookie(&cookie).json(&json!({"new_password": password})).send().await.expect(204);
    app.get("/api/ops/me").cookie(&cookie).send().await.json()["email"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let app = App::new().await;
    let token = link(&app, 60).await;
    let answer = app.post("/signin").json(&json!({"token": token, "next": "/builds/1"})).send().await.expect(200);
    assert_eq!(answer.json(), json!({"user_id": app.org.owner, "next": "/builds/1"}));
    let me = app.get("/api/ops/me").cookie(&answer.set_cookie()).send().await.expect(200).json();
    assert_eq!(me["user_id"], json!(app.org.owner));
    assert_eq!(me["orgs"][0]["role"], "owner");

    let again = app.post("/signin").json(&json!({"token": token})).send().await.expect(401);
    assert!(again.error().contains("was used"), "{}", again.error());
    assert!(again.header("set-cookie").is_none());
}

#[tokio::test]
async fn two_uses_at_once_sign_in_one() {
    let app = App::new().await;
    let body = json!({"token": link(&app, 60).await});
    let call = || app.post("/signin").json(&body).send();
    let answers = futures::join!(call(), call(), call(), call());
    let statuses = [&answers.0, &answers.1, &answers.2, &answers.3].map(|answer| answer.status.as_u16());
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn an_expired_an_unknown_and_a_cut_link_are_refused() {
    let app = App::new().await;
    let expired = link(&app, -1).await;
    for token in [expired.as_str(), &tokens::generate(Kind::Link), &expired[..20], "", &tokens::generate(Kind::Session)]
    {
        let answer = app.post("/signin").json(&json!({"token": token})).send().await.expect(401);
        assert_eq!(answer.json()["code"], "link");
    }
}

#[tokio::test]
async fn a_password_signs_in_and_a_wrong_one_answers_as_an_unknown_account_does() {
    let app = App::new().await;
    let email = with_password(&app, "correct horse battery").await;
    let try_with =
        |email: &str, password: &str| app.post("/signin").json(&json!({"email": email, "password": password})).send();
    let shouted = email.to_uppercase();
    let answer = try_with(&shouted, "correct horse battery").await.expect(200);
    app.get("/api/ops/me").cookie(&answer.set_cookie()).send().await.expect(200);

    let wrong = try_with(&email, "wrong horse battery").await.expect(401);
    let unknown = try_with("nobody@example.test", "correct horse battery").await.expect(401);
    assert_eq!(wrong.error(), unknown.error());
    assert_eq!(wrong.json()["code"], unknown.json()["code"]);
}

#[tokio::test]
async fn only_hashes_are_stored() {
    let app = App::new().await;
    let token = link(&app, 60).await;
    let answer = app.post("/signin").json(&json!({"token": token})).send().await.expect(200);
    let session = answer.set_cookie().split_once('=').unwrap().1.to_owned();
    for secret in [&token, &session] {
        let body = secret.rsplit('_').next().unwrap();
        let found = app
            .client
            .query_one("select count(*) from registry.sessions s, registry.signin_links l where strpos(s::text || l::text, $1) > 0", &[&body])
            .await
            .unwrap()
            .get::<_, i64>(0);
        assert_eq!(found, 0);
    }
    assert_eq!(app.count("registry.sessions").await, 1);
}

#[tokio::test]
async fn too_many_tries_are_held_off_by_account_and_by_address() {
    let mut strict = config();
    strict.rates.sign_in = plimsoll_server::Rate { burst: 3.0, per_second: 0.01 };
    let app = App::with(strict).await;
    let body = json!({"email": "someone@example.test", "password": "guess"});
    for _ in 0..3 {
        app.post("/signin").json(&body).send().await.expect(401);
    }
    let held = app.post("/signin").json(&body).send().await.expect(429);
    let wait: u64 = held.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=100).contains(&wait), "{wait}");
    assert!(held.error().contains("try again in"), "{}", held.error());

    let form = app.post("/signin").header("content-type", "application/x-www-form-urlencoded");
    let form = form.text("email=other%40example.test&password=guess").send().await.expect(303);
    assert_eq!(form.header("location"), Some("/signin?failed=limit"), "the address is held off too");
}

#[tokio::test]
async fn one_account_is_held_off_whatever_address_tries() {
    let mut strict = config();
    strict.trust_proxy = true;
    strict.rates.sign_in = plimsoll_server::Rate { burst: 3.0, per_second: 0.01 };
    let app = App::with(strict).await;
    let body = json!({"email": " Someone@Example.test", "password": "guess"});
    for n in 1..=3 {
        app.post("/signin").header("x-forwarded-for", &format!("192.0.2.{n}")).json(&body).send().await.expect(401);
    }
    app.post("/signin").header("x-forwarded-for", "192.0.2.9").json(&body).send().await.expect(429);
    let other = json!({"email": "other@example.test", "password": "guess"});
    app.post("/signin").header("x-forwarded-for", "192.0.2.9").json(&other).send().await.expect(401);
}

#[tokio::test]
async fn a_form_is_answered_with_redirects() {
    let app = App::new().await;
    let form = |body: String| {
        app.post("/signin").header("content-type", "application/x-www-form-urlencoded").text(&body).send()
    };
    let token = link(&app, 60).await;
    let good = form(format!("token={token}&next=%2Fbuilds%2F7")).await.expect(303);
    assert_eq!(good.header("location"), Some("/builds/7"));
    app.get("/").cookie(&good.set_cookie()).send().await.expect(200);

    let used = form(format!("token={token}")).await.expect(303);
    assert_eq!(used.header("location"), Some("/signin?failed=link"));
    let wrong = form("email=a%40b.c&password=x".to_owned()).await.expect(303);
    assert_eq!(wrong.header("location"), Some("/signin?failed=credentials"));

    let token = link(&app, 60).await;
    let elsewhere = form(format!("token={token}&next=%2F%2Fevil.example")).await.expect(303);
    assert_eq!(elsewhere.header("location"), Some("/"));
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_over_https_of_other_hosts() {
    let plain = App::new().await;
    let answer = plain.post("/signin").json(&json!({"token": link(&plain, 60).await})).send().await.expect(200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("plimsoll=plim_ses_"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"), "{cookie}");

    let https = ServerConfig { public_url: Some("https://builds.example.com".to_owned()), ..config() };
    let app = App::with(https).await;
    let answer = app.post("/signin").json(&json!({"token": link(&app, 60).await})).send().await.expect(200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-plimsoll=plim_ses_"), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    app.get("/api/ops/me").cookie(&answer.set_cookie()).send().await.expect(200);
    let unprefixed = answer.set_cookie().replace("__Host-", "");
    app.get("/api/ops/me").cookie(&unprefixed).send().await.expect(401);
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_in() {
    let app = App::new().await;
    let body = json!({"token": link(&app, 60).await});
    app.post("/signin").header("sec-fetch-site", "cross-site").json(&body).send().await.expect(403);
    app.post("/signin").header("origin", "https://evil.example").json(&body).send().await.expect(403);
    app.post("/signin").header("origin", "http://127.0.0.1:4400").json(&body).send().await.expect(200);
}

#[tokio::test]
async fn what_is_neither_a_link_nor_a_password_is_refused_with_what_would_be_right() {
    let app = App::new().await;
    for body in ["{}", "{\"email\": \"a@b.c\"}", "{\"token\": 7}", "not JSON", ""] {
        let answer = app.post("/signin").text(body).send().await.expect(400);
        assert!(!answer.error().is_empty());
    }
    assert_eq!(app.count("registry.sessions").await, 0);
}

#[tokio::test]
async fn an_invitation_makes_a_member() {
    let app = App::new().await;
    let owner = app.owner().await;
    let path = format!("/api/ops/orgs/{}/members", app.org.id);
    let body = json!({"email": "new@example.test", "role": "developer"});
    let invited = app.post(&path).cookie(&owner).json(&body).send().await.expect(201).json();
    assert_eq!(invited["status"], "invited");
    let link = invited["link"].as_str().unwrap();
    let token = link.strip_prefix("http://127.0.0.1:4400/signin?token=").unwrap();
    let signed_in = app.post("/signin").json(&json!({"token": token})).send().await.expect(200);
    let me = app.get("/api/ops/me").cookie(&signed_in.set_cookie()).send().await.expect(200).json();
    assert_eq!((&me["email"], &me["orgs"][0]["role"]), (&json!("new@example.test"), &json!("developer")));
    app.post("/signin").json(&json!({"token": token})).send().await.expect(401);

    let again = app.post(&path).cookie(&owner).json(&body).send().await.expect(409);
    assert!(again.error().contains("member already"));
}

#[tokio::test]
async fn a_session_ends_when_it_expires() {
    let app = App::new().await;
    let owner = app.owner().await;
    app.get("/api/ops/me").cookie(&owner).send().await.expect(200);
    app.client.execute("update registry.sessions set expires_at = now() - interval '1 second'", &[]).await.unwrap();
    app.get("/api/ops/me").cookie(&owner).send().await.expect(401);
}

#[tokio::test]
async fn a_removed_member_sees_nothing_at_the_next_request() {
    let app = App::new().await;
    let (user_id, cookie) = app.member("admin").await;
    let project = format!("/api/ops/projects/{}", app.project);
    app.get(&project).cookie(&cookie).send().await.expect(200);
    let path = format!("/api/ops/orgs/{}/members/{user_id}", app.org.id);
    app.delete(&path).cookie(&app.owner().await).send().await.expect(204);
    app.get(&project).cookie(&cookie).send().await.expect(404);
    let me = app.get("/api/ops/me").cookie(&cookie).send().await.expect(200).json();
    assert_eq!(me["orgs"], json!([]));
}

#[tokio::test]
async fn an_account_without_a_password_answers_as_an_unknown_one() {
    let app = App::new().await;
    let email = format!("{}@example.test", seed::user(&app.client).await);
    let answer =
        app.post("/signin").json(&json!({"email": email, "password": "anything at all"})).send().await.expect(401);
    assert_eq!(answer.json()["code"], "credentials");
}

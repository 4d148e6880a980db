//! The pages over a real database: each for those who may see it, in both faces, and what strangers get.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use axum::{Extension, Router};
use plimsoll_console::ConsoleState;
use plimsoll_db::{Actor, Db};
use plimsoll_testkit::{TestDb, seed};
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

struct World {
    _db: TestDb,
    client: tokio_postgres::Client,
    router: Router,
    org: seed::Org,
    slug: String,
    project: Uuid,
    branch: Uuid,
}

async fn world() -> World {
    let db = TestDb::new().await;
    let client = db.client().await;
    let org = seed::org(&client, "Acme").await;
    let slug = client.query_one("select slug from registry.orgs where id = $1", &[&org.id]).await.unwrap().get(0);
    let project = seed::project(&client, org.id, "shop", "https://git.example.com/shop.git").await;
    let branch = seed::branch(&client, project, "main", "production").await;
    let router = plimsoll_console::router(ConsoleState {
        db: Db::open(db.url(), 4).unwrap(),
        publishable_key: Arc::new(|| Box::pin(async { Some("sb_publishable_shown".to_owned()) })),
    });
    World { _db: db, client, router, org, slug, project, branch }
}

impl World {
    fn owner(&self) -> Actor {
        Actor::User { user_id: self.org.owner, claims: None }
    }

    async fn get(&self, actor: Actor, path: &str, accept: &str) -> Response<Body> {
        let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
        self.router.clone().layer(Extension(actor)).oneshot(request).await.unwrap()
    }

    async fn page(&self, actor: Actor, path: &str) -> (StatusCode, String) {
        let response = self.get(actor, path, "text/html").await;
        let status = response.status();
        (status, String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
    }

    async fn json(&self, actor: Actor, path: &str) -> (StatusCode, Value) {
        let response = self.get(actor, path, "application/json").await;
        let status = response.status();
        (status, serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap_or_default())
    }

    /// Every page, by its path.
    fn paths(&self, build: Uuid) -> Vec<String> {
        let o = format!("/o/{}", self.slug);
        vec![
            format!("{o}/projects"),
            format!("{o}/projects/new"),
            format!("{o}/projects/shop"),
            format!("{o}/projects/shop/builds"),
            format!("{o}/projects/shop/builds?branch={}&status=queued", self.branch),
            format!("/builds/{build}"),
            format!("{o}/runners"),
            format!("{o}/audit?actor=&action=build"),
            format!("{o}/keys"),
            format!("{o}/settings"),
        ]
    }
}

#[tokio::test]
async fn every_page_has_two_faces_and_shows_nothing_to_strangers() {
    let world = world().await;
    let build = seed::build(&world.client, world.branch).await;
    let stranger = Actor::User { user_id: seed::user(&world.client).await, claims: None };
    for path in world.paths(build) {
        let (status, html) = world.page(world.owner(), &path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {html}");
        assert!(html.starts_with("<!doctype html>") && html.len() < 60_000, "{path}");
        let (status, json) = world.json(world.owner(), &path).await;
        assert!(status == StatusCode::OK && json.is_object(), "{path}: {json}");
        let (status, html) = world.page(stranger.clone(), &path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!html.contains("git.example.com"), "{path}");
        let response = world.get(Actor::Anonymous, &path, "text/html").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(response.headers()["location"].to_str().unwrap().starts_with("/signin?next=/"), "{path}");
        assert_eq!(world.json(Actor::Anonymous, &path).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn pages_hide_what_the_role_would_be_refused() {
    let world = world().await;
    let build = seed::build(&world.client, world.branch).await;
    let viewer = Actor::User { user_id: seed::member(&world.client, world.org.id, "viewer").await, claims: None };
    let (_, html) = world.page(viewer.clone(), &format!("/builds/{build}")).await;
    assert!(!html.contains("data-post=\"/api/ops/builds"));
    let (_, html) = world.page(viewer.clone(), &format!("/o/{}/settings", world.slug)).await;
    assert!(html.contains("id=\"account\"") && !html.contains("id=\"webhook\""));
    let (_, html) = world.page(viewer.clone(), &format!("/o/{}/keys", world.slug)).await;
    assert!(html.contains("sb_publishable_shown") && !html.contains("id=\"tokens\""));
    let (status, _) = world.page(viewer, &format!("/o/{}/projects/new", world.slug)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (_, html) = world.page(world.owner(), &format!("/builds/{build}")).await;
    assert!(html.contains(&format!("data-post=\"/api/ops/builds/{build}/cancel\"")));
}

#[tokio::test]
async fn who_was_invited_and_has_no_password_is_asked_for_one() {
    let world = world().await;
    let member = seed::member(&world.client, world.org.id, "viewer").await;
    let actor = Actor::User { user_id: member, claims: None };
    let (status, html) = world.page(actor.clone(), "/password?next=/o/acme/keys%3Fa%3D1").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("data-then=\"/o/acme/keys?a=1\"") && html.contains("href=\"/o/acme/keys?a=1\""), "{html}");
    let (_, html) = world.page(actor.clone(), "/password?next=//evil.example").await;
    assert!(html.contains("data-then=\"/\""), "{html}");
    let settings = format!("/o/{}/settings", world.slug);
    let (_, html) = world.page(actor.clone(), &settings).await;
    assert!(html.contains("You have none yet") && !html.contains("id=\"current\""), "{html}");

    let owner = world.get(world.owner(), "/password?next=/o/acme/keys", "text/html").await;
    assert_eq!(
        (owner.status(), &owner.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/o/acme/keys".parse().unwrap())
    );

    world.client.execute("select registry.set_password($1, 'hash')", &[&member]).await.unwrap();
    let set = world.get(actor.clone(), "/password?next=/o/acme/keys", "text/html").await;
    assert_eq!(set.headers()["location"], "/o/acme/keys");
    let (_, html) = world.page(actor, &settings).await;
    assert!(!html.contains("You have none yet") && html.contains("id=\"current\""), "{html}");
}

#[tokio::test]
async fn who_belongs_to_no_organisation_is_told_what_to_do() {
    let world = world().await;
    let stranger = Actor::User { user_id: seed::user(&world.client).await, claims: None };
    for path in ["/", &format!("/o/{}/projects", world.slug), "/o/nobody/keys"] {
        let (status, html) = world.page(stranger.clone(), path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(html.contains("data-post=\"/signout\"") && html.contains("data-api=\"POST /api/ops/orgs\""), "{path}");
        let (_, json) = world.json(stranger.clone(), path).await;
        assert_eq!(json["error"], "You belong to no organisation.", "{path}");
    }
}

#[tokio::test]
async fn a_link_that_does_not_work_is_told_of_without_a_way_to_try_it_again() {
    let world = world().await;
    let path = "/signin?failed=link&next=/o/acme/keys";
    let (_, html) = world.page(Actor::Anonymous, path).await;
    assert!(html.contains("This link does not work") && html.contains("value=\"/o/acme/keys\""), "{html}");
    let (_, html) = world.page(world.owner(), path).await;
    assert!(html.contains("This link does not work") && html.contains("href=\"/o/acme/keys\""), "{html}");
    assert!(!html.contains("data-signin"), "who is signed in need not sign in: {html}");
    let (_, html) = world.page(Actor::Anonymous, "/signin?token=plim_lnk_x&next=/o/acme/keys").await;
    assert!(html.contains("value=\"/password?next=/o/acme/keys\""), "{html}");
}

#[tokio::test]
async fn a_branch_without_builds_says_so_once() {
    let world = world().await;
    let (_, html) = world.page(world.owner(), &format!("/o/{}/projects/shop", world.slug)).await;
    assert!(html.contains("<span>No builds</span>") && !html.contains("0 builds"), "{html}");
}

#[tokio::test]
async fn a_queued_build_says_why_it_waits() {
    let world = world().await;
    let build = seed::build(&world.client, world.branch).await;
    world.client.execute("select ops.enqueue_build($1)", &[&build]).await.unwrap();
    let (_, json) = world.json(world.owner(), &format!("/builds/{build}")).await;
    assert_eq!((&json["status"], &json["why"]["reason"]), (&"queued".into(), &"no_runner".into()));
    let (_, html) = world.page(world.owner(), &format!("/builds/{build}")).await;
    assert!(html.contains("No runner is connected"));
}

#[tokio::test]
async fn a_running_build_shows_its_steps_its_attempt_and_its_lines() {
    let world = world().await;
    let build = seed::build(&world.client, world.branch).await;
    world.client.execute("select ops.enqueue_build($1)", &[&build]).await.unwrap();
    world.client.batch_execute("select * from ops.claim_next_run('harbour-1')").await.unwrap();
    world.client.execute("select ops.set_build_status($1, 'running')", &[&build]).await.ok();
    let token: i64 =
        world.client.query_one("select token from ops.leases where build_id = $1", &[&build]).await.unwrap().get(0);
    let steps = serde_json::json!([
        {"name": "compile", "phase": "build", "command": "make", "status": "running", "started_at": "2026-01-01T00:00:00Z",
         "finished_at": null, "exit_code": null, "first_line": 1}]);
    world.client.execute("select ops.record_steps($1, $2, $3)", &[&build, &token, &steps]).await.unwrap();
    let chunk = "select ops.append_log_chunk($1, $2, 1, 1767225600000, array[0, 5], array[9, 25]::smallint[], $3, '[]', 1000000)";
    let body = "\u{1b}[32mok\u{1b}[0m <b>\nbroken";
    world.client.execute(chunk, &[&build, &token, &body]).await.unwrap();
    let (_, json) = world.json(world.owner(), &format!("/builds/{build}")).await;
    assert_eq!(json["phases"][0]["steps"][0]["name"], "compile", "{json}");
    assert_eq!((&json["attempts"][0]["token"], &json["log_lines"]), (&token.into(), &2.into()));
    let (_, html) = world.page(world.owner(), &format!("/builds/{build}")).await;
    assert!(html.contains("<span class=\"f2\">ok</span> &#60;b&#62;"), "lines are escaped and coloured");
    assert!(html.contains("class=\"ln error\"") && html.contains("id=\"L2\""));
    let (_, html) = world.page(world.owner(), &format!("/builds/{build}?live=1")).await;
    assert!(!html.contains("id=\"L2\""), "the script fetches lines by itself");
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let world = world().await;
    for path in ["/nowhere", "/builds/7f3c1e4a-0000-4000-8000-000000000000", "/o/nobody/projects"] {
        let (status, html) = world.page(world.owner(), path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(html.contains("Not here"), "{path}: {html}");
        let (_, json) = world.json(world.owner(), path).await;
        assert!(json["error"].is_string(), "{path}: {json}");
    }
    let path = format!("/o/{}/projects/shop/builds?status=sideways", world.slug);
    assert_eq!(world.page(world.owner(), &path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn short_addresses_lead_to_the_long_ones() {
    let world = world().await;
    let home = world.get(world.owner(), "/", "text/html").await;
    assert_eq!(home.headers()["location"], format!("/o/{}/projects", world.slug).as_str());
    let project = world.get(world.owner(), &format!("/projects/{}", world.project), "text/html").await;
    assert_eq!(project.headers()["location"], format!("/o/{}/projects/shop", world.slug).as_str());
}

#[tokio::test]
async fn the_palette_finds_by_name_and_number() {
    let world = world().await;
    let build = seed::build(&world.client, world.branch).await;
    let found = |q: &str| format!("/find?q={q}&org_id={}", world.org.id);
    let hrefs = |answer: &Value| -> Vec<String> {
        answer["found"].as_array().unwrap().iter().map(|item| item["href"].as_str().unwrap().to_owned()).collect()
    };
    let (_, answer) = world.json(world.owner(), &found("shop%20main")).await;
    assert!(hrefs(&answer).contains(&format!("/o/{}/projects/shop/builds?branch={}", world.slug, world.branch)));
    let (_, answer) = world.json(world.owner(), &found("shop%20%231")).await;
    assert_eq!(hrefs(&answer), [format!("/builds/{build}")]);
    let (_, answer) = world.json(world.owner(), &found("100%25")).await;
    assert!(hrefs(&answer).is_empty(), "a per cent sign is no wildcard: {answer}");
    let stranger = Actor::User { user_id: seed::user(&world.client).await, claims: None };
    assert_eq!(world.json(stranger, &found("shop")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn assets_are_cached_for_good_under_their_hash_only() {
    let world = world().await;
    let (_, html) = world.page(Actor::Anonymous, "/signin").await;
    let start = html.find("/assets/").unwrap();
    let path = html[start..].split('"').next().unwrap();
    let asset = world.get(Actor::Anonymous, path, "*/*").await;
    assert!(asset.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let other = world.get(Actor::Anonymous, "/assets/0/app.js", "*/*").await;
    assert_eq!(other.headers()["cache-control"], "no-cache");
    assert_eq!(other.headers()["content-type"], "text/javascript; charset=utf-8");
    let outside = world.get(Actor::Anonymous, "/assets/0/../Cargo.toml", "*/*").await;
    assert_eq!(outside.status(), StatusCode::NOT_FOUND);
}

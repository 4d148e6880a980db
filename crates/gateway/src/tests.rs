//! The gateway over a real database, without the server around it.

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use plimsoll_db::Actor;
use plimsoll_testkit::TestDb;
use serde_json::Value;
use tower::ServiceExt;

use super::*;

struct Scene {
    gateway: Gateway,
    database: TestDb,
}

impl Scene {
    async fn new() -> Self {
        let database = TestDb::new().await;
        let db = Db::open(database.url(), 4).expect("the test database's URL");
        Self { gateway: Gateway::new(GatewayState { db, config: GatewayConfig::default() }), database }
    }

    async fn send(&self, actor: Actor, method: &str, uri: &str) -> (Response<()>, Value) {
        let mut request = Request::builder().method(method).uri(uri).body(Body::empty()).expect("a request");
        request.extensions_mut().insert(actor);
        let response = self.gateway.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        (Response::from_parts(parts, ()), serde_json::from_slice(&body).unwrap_or_default())
    }
}

#[tokio::test]
async fn describes_the_schema_as_it_is() {
    let scene = Scene::new().await;
    let (reply, document) = scene.send(Actor::Service, "GET", "/").await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["content-type"], "application/openapi+json; charset=utf-8");
    assert_eq!(reply.headers()["content-profile"], "ops");
    assert!(document["paths"]["/projects"]["get"].is_object(), "{document}");
    let (_, strangers) = scene.send(Actor::Anonymous, "GET", "/").await;
    assert_eq!(strangers["paths"].as_object().map(serde_json::Map::len), Some(1), "{strangers}");
    let (head, body) = scene.send(Actor::Service, "HEAD", "/").await;
    assert_eq!((head.status().as_u16(), body), (200, Value::Null));
    let description = scene.gateway.description.openapi("/rest/v1").await.expect("a database that answers");
    assert!(description["paths"]["/rest/v1/rpc/list_projects"]["post"].is_object());
    let (refused, error) = scene.send(Actor::Service, "POST", "/").await;
    assert_eq!((refused.status().as_u16(), &error["code"]), (405, &"PGRST117".into()));
}

#[tokio::test]
async fn finds_what_was_made_a_moment_ago_and_says_so_when_it_went_away() {
    let scene = Scene::new().await;
    assert_eq!(scene.send(Actor::Service, "GET", "/fresh").await.0.status(), 404);
    let admin = scene.database.client().await;
    admin
        .batch_execute("create table ops.fresh (id integer); grant select on ops.fresh to service_role")
        .await
        .expect("a table");
    let (reply, rows) = scene.send(Actor::Service, "GET", "/fresh").await;
    assert_eq!((reply.status().as_u16(), rows), (200, serde_json::json!([])));
    admin.batch_execute("drop table ops.fresh").await.expect("no table");
    let (reply, error) = scene.send(Actor::Service, "GET", "/fresh").await;
    assert_eq!((reply.status().as_u16(), &error["code"]), (404, &"PGRST205".into()), "{error}");
}

#[tokio::test]
async fn knows_columns_as_they_were_a_second_ago_at_most() {
    let scene = Scene::new().await;
    let admin = scene.database.client().await;
    let view = "create view ops.fresh as select 1 as one; grant select on ops.fresh to service_role";
    admin.batch_execute(view).await.expect("a view");
    let read = async || scene.send(Actor::Service, "GET", "/fresh").await.1;
    assert_eq!(read().await, serde_json::json!([{"one": 1}]));
    admin.batch_execute("create or replace view ops.fresh as select 1 as one, 2 as two").await.expect("a view");
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    tokio::time::resume();
    assert_eq!(read().await, serde_json::json!([{"one": 1, "two": 2}]));
    // A type of which the protocol knows the number alone, in place of an integer.
    admin
        .batch_execute(
            "create type ops.colour as enum ('red'); drop view ops.fresh;
             create view ops.fresh as select 'red'::ops.colour as one, true as two; grant select on ops.fresh to service_role",
        )
        .await
        .expect("a view");
    assert_eq!(read().await, serde_json::json!([{"one": "red", "two": true}]));
}

#[tokio::test]
async fn a_database_that_is_away_is_503() {
    let db = Db::open("postgresql://nobody@127.0.0.1:1/none", 1).expect("a URL");
    let gateway = Gateway::new(GatewayState { db, config: GatewayConfig::default() });
    let request = Request::builder().uri("/projects").body(Body::empty()).expect("a request");
    let reply = gateway.router.oneshot(request).await.expect("an answer");
    assert_eq!(reply.status(), 503);
    assert_eq!(reply.headers()["proxy-status"], "PostgREST; error=PGRST002");
    assert!(reply.headers().contains_key("retry-after"));
}

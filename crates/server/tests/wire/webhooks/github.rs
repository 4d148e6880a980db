use axum::body::Body;
use axum::http::Request;
use plimsoll_server::webhook_owner;
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{Answer, App};

const SECRET: &[u8] = b"it's a secret to everybody";

async fn app() -> App {
    let app = App::new().await;
    set_secret(&app, SECRET, None).await;
    app
}

async fn set_secret(app: &App, secret: &[u8], previous: Option<&[u8]>) {
    let owner = webhook_owner(app.org.id, "github");
    let (sealed, previous) =
        (app.state.keys.seal(&owner, secret), previous.map(|text| app.state.keys.seal(&owner, text)));
    let sql =
        "insert into registry.webhook_secrets (org_id, provider, sealed, previous_sealed) values ($1, 'github', $2, $3)
               on conflict (org_id, provider) do update set sealed = $2, previous_sealed = $3";
    app.client.execute(sql, &[&app.org.id, &sealed, &previous]).await.unwrap();
}

fn sign(secret: &[u8], body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), body)))
}

fn delivery(path: &str, event: &str, id: &str, signature: &str, body: &[u8]) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", "application/json");
    for (name, value) in [("x-github-event", event), ("x-github-delivery", id), ("x-hub-signature-256", signature)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    request.body(Body::from(body.to_vec())).unwrap()
}

async fn deliver(app: &App, event: &str, id: &str, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    let path = format!("/webhooks/github/{}", app.org.id);
    app.send(delivery(&path, event, id, &sign(SECRET, &body), &body)).await
}

async fn stored(app: &App) -> i64 {
    app.count("select count(*) from ops.webhook_deliveries where org_id = $1", app.org.id).await
}

#[tokio::test]
async fn a_signed_delivery_is_stored_and_its_repeat_is_harmless() {
    let app = app().await;
    let body = json!({"ref": "refs/heads/main", "after": "ab".repeat(20)});
    let woken = app.state.wake.webhooks.notified();
    let first = deliver(&app, "push", "d-1", &body).await.expect(202).json();
    assert_eq!(first["duplicate"], false);
    woken.await;
    let repeat = deliver(&app, "push", "d-1", &body).await.expect(200).json();
    assert_eq!(repeat["duplicate"], true);
    assert_eq!(stored(&app).await, 1);
    let sql =
        "select payload from ops.webhook_deliveries where org_id = $1 and event = 'push' and processed_at is null";
    assert_eq!(app.client.query_one(sql, &[&app.org.id]).await.unwrap().get::<_, Value>(0), body);
    deliver(&app, "ping", "d-2", &json!({"zen": "Keep it simple."})).await.expect(200);
    deliver(&app, "sponsorship", "d-3", &json!({})).await.expect(202);
    assert_eq!(stored(&app).await, 3, "unknown events are kept");
}

#[tokio::test]
async fn every_name_of_org_and_project_is_an_address() {
    let app = app().await;
    let sql = "select slug from registry.orgs where id = $1";
    let slug: String = app.client.query_one(sql, &[&app.org.id]).await.unwrap().get(0);
    let targets = [app.org.id.to_string(), slug.clone(), app.project.to_string(), format!("{slug}/shop")];
    for (n, target) in targets.iter().enumerate() {
        let request =
            delivery(&format!("/webhooks/github/{target}"), "push", &n.to_string(), &sign(SECRET, b"{}"), b"{}");
        app.send(request).await.expect(202);
    }
    assert_eq!(stored(&app).await, 4);
}

#[tokio::test]
async fn what_is_not_signed_is_not_looked_at() {
    let app = app().await;
    let path = format!("/webhooks/github/{}", app.org.id);
    let body = b"{\"ref\": \"refs/heads/main\"}";
    let good = sign(SECRET, body);
    let mut answers = Vec::new();
    for signature in
        ["", "sha256=", "sha256=zz", "sha1=abc", &good[..good.len() - 2], &sign(b"other", body), &sign(SECRET, b"{}")]
    {
        answers.push(app.send(delivery(&path, "push", "d", signature, body)).await.expect(401).error());
    }
    let nobody = format!("/webhooks/github/{}", Uuid::new_v4());
    answers.push(app.send(delivery(&nobody, "push", "d", &good, body)).await.expect(401).error());
    answers
        .push(app.send(delivery("/webhooks/github/acme/nothing", "push", "d", &good, body)).await.expect(401).error());
    answers.dedup();
    assert_eq!(answers.len(), 1, "who guesses learns nothing: {answers:?}");
    assert_eq!(stored(&app).await, 0);
    app.send(delivery(&path, "push", "d", &good, body)).await.expect(202);
}

#[tokio::test]
async fn guessing_signatures_is_limited() {
    let app = app().await;
    let path = format!("/webhooks/github/{}", app.org.id);
    let tries = 2 * app.state.config.rates.refused.burst as usize;
    let mut last = None;
    for _ in 0..tries {
        last = Some(app.send(delivery(&path, "push", "d", &sign(b"guess", b"{}"), b"{}")).await);
    }
    let limited = last.unwrap().expect(429);
    assert!(limited.headers.contains_key("retry-after"));
    app.send(delivery(&path, "push", "d", &sign(SECRET, b"{}"), b"{}")).await.expect(202);
}

#[tokio::test]
async fn the_secret_before_the_rotation_is_still_good() {
    let app = app().await;
    set_secret(&app, b"fresh", Some(SECRET)).await;
    let path = format!("/webhooks/github/{}", app.org.id);
    app.send(delivery(&path, "push", "old", &sign(SECRET, b"{}"), b"{}")).await.expect(202);
    app.send(delivery(&path, "push", "new", &sign(b"fresh", b"{}"), b"{}")).await.expect(202);
    set_secret(&app, b"fresher", Some(b"fresh")).await;
    app.send(delivery(&path, "push", "older", &sign(SECRET, b"{}"), b"{}")).await.expect(401);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_kept_is_refused() {
    let app = app().await;
    let path = format!("/webhooks/github/{}", app.org.id);
    let signed = |event: &str, id: &str, body: &[u8]| delivery(&path, event, id, &sign(SECRET, body), body);
    app.send(signed("push", "", b"{}")).await.expect(400);
    app.send(signed("", "d", b"{}")).await.expect(400);
    app.send(signed("push", &"d".repeat(201), b"{}")).await.expect(400);
    for body in [&b"{\"ref\":"[..], b"", b"[]", b"\xff\xfe", "[".repeat(100_000).as_bytes()] {
        app.send(signed("push", "d", body)).await.expect(400);
    }
    let huge = vec![b' '; (25 << 20) + 1];
    app.send(signed("push", "d", &huge)).await.expect(413);
    assert_eq!(stored(&app).await, 0);
    let nul = json!({"message": "nul \0 byte", "nul\0key": [{"deep": "\0"}]});
    deliver(&app, "push", "nul", &nul).await.expect(202);
}

#[tokio::test]
async fn a_form_is_read_too() {
    let app = app().await;
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", "{\"ref\": \"x\"}").finish();
    let path = format!("/webhooks/github/{}", app.org.id);
    let mut request = delivery(&path, "push", "form", &sign(SECRET, form.as_bytes()), form.as_bytes());
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    app.send(request).await.expect(202);
    let sql = "select payload from ops.webhook_deliveries where org_id = $1";
    assert_eq!(app.client.query_one(sql, &[&app.org.id]).await.unwrap().get::<_, Value>(0), json!({"ref": "x"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_deliveries_five_times_each_in_any_order_are_kept_once_each() {
    let app = app().await;
    let mut order: Vec<u32> = (0..5_000).map(|n| n % 1_000).collect();
    // xorshift: shuffled, and the same in every run.
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for at in (1..order.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        order.swap(at, (random % (at as u64 + 1)) as usize);
    }
    let (mut stored_now, mut known) = (0, 0);
    for batch in order.chunks(16) {
        let deliveries = batch.iter().map(|n| push(&app, *n));
        for answer in futures::future::join_all(deliveries).await {
            match answer.status.as_u16() {
                202 => stored_now += 1,
                200 => known += 1,
                _ => panic!("{}", answer.text()),
            }
        }
    }
    assert_eq!((stored_now, known, stored(&app).await), (1_000, 4_000, 1_000));
}

async fn push(app: &App, n: u32) -> Answer {
    let body = json!({"ref": "refs/heads/main", "after": format!("{n:040x}"), "commits": [{"message": format!("commit {n}")}]});
    deliver(app, "push", &format!("delivery-{n}"), &body).await
}

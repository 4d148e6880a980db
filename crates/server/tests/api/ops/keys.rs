//! The server's own keys: two of a kind alive, for its operator alone.

use std::collections::BTreeMap;

use plimsoll_server::tokens::{self, Kind};
use plimsoll_server::{AppState, Keys, ServerConfig};
use plimsoll_testkit::seed;
use serde_json::{Value, json};

use crate::app::{App, JWT_SECRET, config, jwt, keys};

async fn listed(app: &App) -> Vec<Value> {
    let call = app.get("/api/ops/keys").bearer(&app.state.keys.service_role_key());
    call.send().await.expect(200).json().as_array().unwrap().clone()
}

/// The keys of this kind, the one in use first.
async fn of_kind(app: &App, kind: &str) -> Vec<Value> {
    listed(app).await.into_iter().filter(|key| key["kind"] == kind).collect()
}

async fn rotate(app: &App, kind: &str) -> Value {
    let call = app.post("/api/ops/keys").bearer(&app.state.keys.service_role_key()).json(&json!({"kind": kind}));
    call.send().await.expect(201).json()
}

fn plain(key: &Value) -> &str {
    key["key"].as_str().unwrap()
}

#[tokio::test]
async fn keys_are_made_once_however_many_servers_start() {
    let app = App::new().await;
    let replicas: Vec<AppState> = (0..4).map(|_| app.replica(config(), keys()).state).collect();
    futures::future::try_join_all(replicas.iter().map(AppState::prepare_keys)).await.unwrap();
    let by_kind: BTreeMap<_, _> =
        listed(&app).await.into_iter().map(|key| (key["kind"].clone().to_string(), key)).collect();
    assert_eq!(by_kind.len(), 6, "{:?}", by_kind.keys());
    assert_eq!(app.count("registry.server_keys").await, 5);
    for (kind, form) in [
        ("publishable", Kind::Publishable),
        ("secret", Kind::Secret),
        ("ingest", Kind::Ingest),
        ("advisory", Kind::Advisory),
    ] {
        let key = &by_kind[&format!("{kind:?}")];
        assert!(tokens::is_well_formed(form, plain(key)), "{key}");
        assert_eq!((&key["in_use"], &key["managed"]), (&json!(true), &json!(true)));
    }
    assert_eq!(by_kind["\"signing\""]["key"], Value::Null);
    assert_eq!(by_kind["\"jwt-secret\""]["key"], Value::Null, "who may ask may not therefore sign");
    let secret = plain(&by_kind["\"secret\""]);
    let sql = "select count(*) from registry.server_keys k where strpos(k::text, $1) > 0";
    assert_eq!(app.client.query_one(sql, &[&&secret[10..]]).await.unwrap().get::<_, i64>(0), 0, "only sealed");
}

#[tokio::test]
async fn the_publishable_key_is_nobody_and_the_secret_key_may_do_everything() {
    let app = App::new().await;
    let (publishable, secret) = (of_kind(&app, "publishable").await, of_kind(&app, "secret").await);
    for (key, role) in [(plain(&publishable[0]), "anon"), (plain(&secret[0]), "service_role")] {
        for header in ["authorization", "apikey"] {
            let value = if header == "apikey" { key.to_owned() } else { format!("Bearer {key}") };
            let answer = app.get("/rest/v1/role").header(header, &value).send().await.expect(200);
            assert_eq!(answer.text(), role, "{header}");
        }
        // As supabase-js sends it: the same key twice.
        assert_eq!(app.get("/rest/v1/role").bearer(key).header("apikey", key).send().await.text(), role);
    }
    let me = app.get("/api/ops/me").bearer(plain(&secret[0])).send().await.expect(200).json();
    assert_eq!(me["via"], "service");
    app.get("/api/ops/me").bearer(plain(&publishable[0])).send().await.expect(401);
    // What is signed in decides over what is beside it.
    let anon = app.get("/rest/v1/role").bearer(plain(&publishable[0])).header("apikey", plain(&secret[0])).send().await;
    assert_eq!(anon.text(), "anon");
    for bad in [tokens::generate(Kind::Secret), format!("{}x", plain(&secret[0])), "sb_secret_".into(), "sb_x".into()] {
        let answer = app.get("/rest/v1/role").bearer(&bad).send().await.expect(401);
        let body = answer.json();
        assert_eq!((&body["code"], &body["message"]), (&json!("PGRST301"), &json!("Invalid API key")), "{bad}");
        app.get("/api/ops/me").header("apikey", &bad).send().await.expect(401);
    }
}

#[tokio::test]
async fn two_are_alive_after_a_change_and_the_oldest_ends_with_the_next() {
    let app = App::new().await;
    let replica = app.replica(config(), keys());
    let first = of_kind(&app, "secret").await[0].clone();
    let asks = |key: &Value| replica.get("/rest/v1/role").bearer(plain(key)).send();
    asks(&first).await.expect(200);
    let second = rotate(&app, "secret").await;
    asks(&second).await.expect(200);
    asks(&first).await.expect(200);
    let shown = of_kind(&app, "secret").await;
    assert_eq!(shown.iter().map(|key| key["in_use"].clone()).collect::<Vec<_>>(), [json!(true), json!(false)]);
    assert_eq!((&shown[0]["id"], &shown[1]["id"]), (&second["id"], &first["id"]));
    let third = rotate(&app, "secret").await;
    app.get("/rest/v1/role").bearer(plain(&first)).send().await.expect(401);
    app.get("/rest/v1/role").bearer(plain(&second)).send().await.expect(200);
    // Another server notices when it next looks; meeting a key it does not know makes it look.
    asks(&third).await.expect(200);
    asks(&first).await.expect(401);
}

#[tokio::test]
async fn a_revoked_key_ends_and_a_new_one_takes_its_place() {
    let app = App::new().await;
    let first = of_kind(&app, "secret").await[0].clone();
    let second = rotate(&app, "secret").await;
    let end = |id: String, query: &str| app.delete(&format!("/api/ops/keys/{id}{query}")).bearer(plain(&second)).send();
    let revoke = |id: String| app.delete(&format!("/api/ops/keys/{id}")).bearer(plain(&second)).send();
    let id = |key: &Value| key["id"].as_str().unwrap().to_owned();
    revoke(id(&first)).await.expect(204);
    app.get("/rest/v1/role").bearer(plain(&first)).send().await.expect(401);
    revoke(id(&first)).await.expect(404);
    for unknown in ["x", "00000000-0000-4000-8000-000000000000", "jwt-secret.previous"] {
        revoke(unknown.to_owned()).await.expect(404);
    }
    revoke("jwt-secret".to_owned()).await.expect(409);
    for query in ["", "?force=false"] {
        let refused = end(id(&second), query).await.expect(409).error();
        assert!(refused.contains("this secret key is in use: rotate it first, or add --force"), "{refused}");
    }
    end(id(&second), "?force=perhaps").await.expect(400);
    end("jwt-secret".to_owned(), "?force=true").await.expect(409);
    end(id(&second), "?force=true").await.expect(204);
    app.get("/rest/v1/role").bearer(plain(&second)).send().await.expect(401);
    let now = of_kind(&app, "secret").await;
    assert_eq!(now.len(), 1);
    assert_eq!(now[0]["in_use"], json!(true));
    app.get("/rest/v1/role").bearer(plain(&now[0])).send().await.expect(200);
}

#[tokio::test]
async fn nobody_but_the_operator_sees_or_changes_them() {
    let app = App::new().await;
    let (owner, _) = (app.owner().await, ());
    let id = of_kind(&app, "secret").await[0]["id"].as_str().unwrap().to_owned();
    let stranger = app.session(seed::org(&app.client, "Elsewhere").await.owner).await;
    for cookie in [&owner, &stranger] {
        app.get("/api/ops/keys").cookie(cookie).send().await.expect(403);
        app.post("/api/ops/keys").cookie(cookie).json(&json!({"kind": "secret"})).send().await.expect(403);
        app.delete(&format!("/api/ops/keys/{id}")).cookie(cookie).send().await.expect(403);
    }
    app.get("/api/ops/keys").send().await.expect(401);
    let service = app.state.keys.service_role_key();
    for body in [json!({"kind": "moon"}), json!({}), json!({"kind": "secret", "key": "mine"})] {
        app.post("/api/ops/keys").bearer(&service).json(&body).send().await.expect(400);
    }
    assert_eq!(app.count("registry.server_keys where superseded_at is not null").await, 0);
}

#[tokio::test]
async fn tokens_an_operator_brought_are_shown_and_changed_where_they_came_from() {
    let app = App::new().await;
    let brought = keys().with_function_tokens(Some("ours-since-2019, the-one-before"), None).unwrap();
    let replica = app.replica(config(), brought);
    let service = replica.state.keys.service_role_key();
    let shown = replica.get("/api/ops/keys").bearer(&service).send().await.expect(200).json();
    let ingest: Vec<_> = shown.as_array().unwrap().iter().filter(|key| key["kind"] == "ingest").collect();
    assert_eq!(ingest.iter().map(|key| plain(key)).collect::<Vec<_>>(), ["ours-since-2019", "the-one-before"]);
    assert_eq!((&ingest[0]["managed"], &ingest[1]["in_use"]), (&json!(false), &json!(false)));
    let refused =
        replica.post("/api/ops/keys").bearer(&service).json(&json!({"kind": "ingest"})).send().await.expect(409);
    assert!(refused.error().contains("OPS_INGEST_TOKEN"));
    replica.post("/api/ops/keys").bearer(&service).json(&json!({"kind": "advisory"})).send().await.expect(201);

    let ingest_with = |token: &str| {
        let body =
            json!({"project_id": app.project, "ts": "2026-11-21T10:00:00Z", "samples": [{"metric": "m", "value": 1}]});
        replica.post("/functions/v1/ops-metrics-ingest").header("x-ops-ingest-token", token).json(&body).send()
    };
    for good in ["ours-since-2019", "the-one-before"] {
        ingest_with(good).await.expect(200);
    }
    let made = of_kind(&app, "ingest").await[0].clone();
    for bad in ["ours-since-2018", "", plain(&made)] {
        ingest_with(bad).await.expect(401);
    }
}

#[tokio::test]
async fn a_jwt_secret_in_a_file_changes_while_the_server_runs() {
    let app = App::new().await;
    let folder = tempfile::tempdir().unwrap();
    let kept = || Keys::load_or_create(folder.path()).unwrap();
    let replica = app.replica(ServerConfig { ..config() }, kept());
    let first = replica.state.keys.service_role_key();
    let change =
        |bearer: &str| replica.post("/api/ops/keys").bearer(bearer).json(&json!({"kind": "jwt-secret"})).send();
    change(&first).await.expect(201);
    let second = replica.state.keys.service_role_key();
    assert_ne!(first, second);
    assert_eq!(kept().service_role_key(), second, "the next start has the same");
    for key in [&first, &second] {
        replica.get("/api/ops/me").bearer(key).send().await.expect(200);
    }
    change(&second).await.expect(201);
    replica.get("/api/ops/me").bearer(&first).send().await.expect(401);
    replica.get("/api/ops/me").bearer(&second).send().await.expect(200);
    let refused =
        app.post("/api/ops/keys").bearer(&app.state.keys.service_role_key()).json(&json!({"kind": "jwt-secret"}));
    assert!(refused.send().await.expect(409).error().contains("JWT_SECRET_PREVIOUS"));
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_beside_a_bearer_too() {
    let app = App::new().await;
    let key = of_kind(&app, "publishable").await[0].clone();
    assert_eq!(key["last_used_at"], Value::Null);
    let person = jwt(JWT_SECRET, &json!({"role": "authenticated", "sub": app.org.owner}));
    let answer = app.get("/rest/v1/role").bearer(&person).header("apikey", plain(&key)).send().await.expect(200);
    assert_eq!(answer.text(), "authenticated");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while of_kind(&app, "publishable").await[0]["last_used_at"].is_null() {
        assert!(std::time::Instant::now() < deadline, "the use was never noted");
        tokio::task::yield_now().await;
    }
}

//! `plimsoll serve` and a runner elsewhere, as with a Supabase project: somebody else's database behind a transaction pooler,
//! whose role is no superuser and whose people signed up there.

mod support;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use plimsoll_testkit::TestDb;
use plimsoll_testkit::pgbouncer::PgBouncer;
use plimsoll_testkit::supabase::Owner;
use serde_json::{Value, json};
use support::{Up, json, until};

const JWT_SECRET: &str = "the secret that a Supabase project signs with";
const SEAL_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const ADA: &str = "7f0c2d52-6a5e-4d4f-9a38-0f6ae9f5d001";

/// A token as Supabase's Auth gives it to who signed in there.
fn signed_in(user_id: &str) -> String {
    let expires = jiff::Timestamp::now().as_second() + 3600;
    let claims = json!({"sub": user_id, "role": "authenticated", "aud": "authenticated", "exp": expires});
    let text = [json!({"alg": "HS256", "typ": "JWT"}), claims].map(|part| BASE64.encode(part.to_string())).join(".");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, JWT_SECRET.as_bytes());
    let signature = ring::hmac::sign(&key, text.as_bytes());
    format!("{text}.{}", BASE64.encode(signature))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supabase_project_behind_its_pooler_is_served_and_builds() {
    let test = TestDb::empty().await;
    let role = Owner::of(&test).await;
    let pooler = PgBouncer::start(role.url()).await;
    let env = [
        ("DATABASE_URL", pooler.url()),
        ("JWT_SECRET", JWT_SECRET),
        ("PLIMSOLL_SEAL_KEY", SEAL_KEY),
        ("PLIMSOLL_LOCAL_REPOSITORIES", "true"),
    ];
    let mut server = Up::serve(&env).await;

    let findings = json(server.command().arg("doctor").envs(env));
    let found = |check: &str| findings.as_array().unwrap().iter().find(|f| f["check"] == check).unwrap().clone();
    assert_eq!((&found("schema")["health"], &found("roles")["health"]), (&json!("good"), &json!("good")));
    assert!(found("pooler")["found"].as_str().unwrap().contains("transaction pooler"), "{findings:#}");

    // Ada signs up with Supabase; the operator makes her team and invites her.
    let sign_up = format!("insert into auth.users (id, email, created_at) values ('{ADA}', 'ada@example.org', now())");
    test.client().await.batch_execute(&sign_up).await.unwrap();
    let status = json(server.command().arg("status").envs(env));
    let operator = server.api_as(status["SECRET_KEY"].as_str().unwrap());
    let org = operator.post("/api/ops/orgs", json!({"name": "Harbour"})).await["id"].as_str().unwrap().to_owned();
    let members = format!("/api/ops/orgs/{org}/members");
    let stranger =
        operator.try_post(&members, json!({"email": "eve@example.org", "role": "viewer"})).await.unwrap_err();
    assert!(stranger.contains("nobody with the e-mail address eve@example.org has signed up yet"), "{stranger}");
    let invited = operator.post(&members, json!({"email": "ada@example.org", "role": "owner"})).await;
    // The link is good for Ada alone, by the token Supabase gave her: whoever else holds it is not let in as her.
    let link = json!({"token": invited["link"].as_str().unwrap().split_once("token=").unwrap().1});
    let eve = server.api_as(&signed_in("7f0c2d52-6a5e-4d4f-9a38-0f6ae9f5d002"));
    for whoever in [eve, operator] {
        let refused = whoever.try_post("/signin", link.clone()).await.unwrap_err();
        assert!(refused.contains("sign in to that account"), "{refused}");
    }
    let ada = server.api_as(&signed_in(ADA));
    assert_eq!(ada.post("/signin", link).await["user_id"], ADA);

    let repo = plimsoll_testkit::git::Repo::new();
    let file = "[[step]]\nname = \"greet\"\nphase = \"build\"\nrun = \"seq -f 'line %g' 2000\"\n";
    repo.commit(&[("plimsoll.toml", file)], "first commit");
    let token = json!({"name": "runner", "scopes": ["runner"], "expires_in_days": 1});
    let token = ada.post(&format!("/api/ops/orgs/{org}/tokens"), token).await["token"].as_str().unwrap().to_owned();
    let _runner = server.runner("runner", &token);
    let project = json!({"name": "Shop", "repo_url": repo.path()});
    let project = ada.post(&format!("/api/ops/orgs/{org}/projects"), project).await["id"].as_str().unwrap().to_owned();
    let branches = format!("/rest/v1/branches?project_id=eq.{project}");
    until("the branch is read", async || ada.get(&branches).await[0]["name"] == "main").await;
    let branch = ada.get(&branches).await[0]["id"].as_str().unwrap().to_owned();
    let trigger = json!({"project_id": project, "branch_id": branch});
    let build = ada.post("/functions/v1/ops-trigger-build", trigger).await["build_id"].as_str().unwrap().to_owned();

    let mut detail = Value::Null;
    until("the build ends", async || {
        detail = ada.get(&format!("/rest/v1/builds?id=eq.{build}")).await[0].clone();
        !matches!(detail["status"].as_str(), Some("queued" | "running"))
    })
    .await;
    assert_eq!(detail["status"], "success", "{detail:#}");
    let lines = ada.get(&format!("/rest/v1/build_logs?build_id=eq.{build}&message=like.line*&select=message")).await;
    let expected: Vec<Value> = (1..=2000).map(|n| json!({"message": format!("line {n}")})).collect();
    assert_eq!(lines, Value::Array(expected));
    assert_eq!(ada.post("/rest/v1/rpc/list_projects", json!({})).await[0]["slug"], "shop");

    let proof = json(server.command().args(["prove", "isolation", "--no-mutations"]).envs(env));
    assert_eq!(proof["holds"], true, "{:#}", proof["failures"]);

    assert!(server.process.stop().success());
    drop(pooler);
    role.drop_after(test).await;
}

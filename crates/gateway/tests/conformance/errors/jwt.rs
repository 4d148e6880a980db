use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::harbour::{Harbour, JWT_SECRET};
use crate::tokens::{LATER, claims, sign, sign_with, unsigned};

const HS256: &str = "HS256";

/// Sends the token and answers status, `WWW-Authenticate` and the error.
async fn send(harbour: &Harbour, token: &str) -> (u16, String, Value) {
    let request = harbour.request("POST", "/rpc/whoami").header("content-profile", "public").bearer_auth(token);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let challenge = answer.headers().get("www-authenticate").map(|v| v.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{token}: {text}"));
    (status, challenge.unwrap_or_default(), body)
}

#[track_caller]
fn assert_refused(what: &str, (status, challenge, error): &(u16, String, Value), code: &str, message: Option<&str>) {
    assert_eq!(*status, 401, "{what}: {error}");
    assert_eq!(error["code"], code, "{what}: {error}");
    let mut keys: Vec<_> = error.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["code", "details", "hint", "message"], "{what}");
    let said = error["message"].as_str().unwrap();
    if let Some(message) = message {
        assert_eq!(said, message, "{what}");
    }
    assert_eq!(challenge, &format!("Bearer error=\"invalid_token\", error_description=\"{said}\""), "{what}");
}

#[tokio::test]
async fn a_good_token_is_taken() {
    let harbour = Harbour::new().await;
    let now = jiff::Timestamp::now().as_second();
    let mut good = claims(harbour.acme.owner);
    for (name, value) in [
        ("aud", json!(["other", "authenticated"])),
        ("aud", Value::Null),
        ("nbf", json!(now - 5)),
        ("nbf", json!(now + 20)),
        ("iat", json!(now + 20)),
        ("exp", json!(now - 20)),
        ("exp", json!(1_999_999_999.5)),
    ] {
        let before = good[name].clone();
        good[name] = value.clone();
        let (status, _, body) = send(&harbour, &sign(&good)).await;
        assert_eq!((status, &body), (200, &json!("authenticated")), "{name} {value}");
        good[name] = before;
    }
    for scheme in ["Bearer", "bearer"] {
        let request = harbour.request("GET", "/ports?select=id&id=eq.1").header("accept-profile", "public");
        let token = harbour.bearer("owner").unwrap();
        let answer = request.header("authorization", format!("{scheme} {token}")).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "[{\"id\":1}]", "{scheme}");
    }
}

#[tokio::test]
async fn claims_that_do_not_hold() {
    let harbour = Harbour::new().await;
    let now = jiff::Timestamp::now().as_second();
    let cases = [
        ("exp", json!(now - 60), "JWT expired"),
        ("exp", json!("soon"), "The JWT 'exp' claim must be a number"),
        ("nbf", json!(now + 60), "JWT not yet valid"),
        ("nbf", json!("then"), "The JWT 'nbf' claim must be a number"),
        ("iat", json!(now + 60), "JWT issued at future"),
        ("iat", json!([]), "The JWT 'iat' claim must be a number"),
        ("aud", json!("other"), "JWT not in audience"),
        ("aud", json!(["a", "b"]), "JWT not in audience"),
        ("aud", json!({"a": 1}), "The JWT 'aud' claim must be a string or an array of strings"),
        ("aud", json!([1, "authenticated"]), "The JWT 'aud' claim must be a string or an array of strings"),
    ];
    for (name, value, message) in cases {
        let mut bad = claims(harbour.acme.owner);
        bad[name] = value.clone();
        let answer = send(&harbour, &sign(&bad)).await;
        assert_refused(&format!("{name} {value}"), &answer, "PGRST303", Some(message));
    }
}

#[tokio::test]
async fn signatures_that_do_not_hold() {
    let harbour = Harbour::new().await;
    let good = claims(harbour.acme.owner);
    let secret = JWT_SECRET.as_bytes();
    let header = |alg: &str| json!({"alg": alg, "typ": "JWT"});
    let token = sign(&good);
    let parts: Vec<&str> = token.split('.').collect();
    let service = json!({"role": "service_role", "exp": LATER});
    let other_claims = URL_SAFE_NO_PAD.encode(service.to_string());
    let none = format!("{}.", unsigned(&header("none"), &service));
    let cases = [
        (
            "another secret",
            sign_with(&header(HS256), &good, hmac::HMAC_SHA256, b"another-secret-of-thirty-two-bytes-and-more"),
        ),
        ("an empty secret", sign_with(&header(HS256), &good, hmac::HMAC_SHA256, b"")),
        ("alg none", none.clone()),
        ("alg None", format!("{}.", unsigned(&header("None"), &service))),
        ("alg none with our signature", format!("{none}{}", parts[2])),
        ("no alg", sign_with(&json!({"typ": "JWT"}), &good, hmac::HMAC_SHA256, secret)),
        ("HS512 with our secret", sign_with(&header("HS512"), &good, hmac::HMAC_SHA512, secret)),
        ("HS384 with our secret", sign_with(&header("HS384"), &good, hmac::HMAC_SHA384, secret)),
        ("HS512 signed as HS256", sign_with(&header("HS512"), &good, hmac::HMAC_SHA256, secret)),
        ("RS256 signed with our secret", sign_with(&header("RS256"), &good, hmac::HMAC_SHA256, secret)),
        ("ES256 signed with our secret", sign_with(&header("ES256"), &good, hmac::HMAC_SHA256, secret)),
        (
            "a key in the header",
            sign_with(
                &json!({"alg": "HS256", "jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode("evil")}}),
                &service,
                hmac::HMAC_SHA256,
                b"evil",
            ),
        ),
        (
            "a key's address in the header",
            sign_with(&json!({"alg": "RS256", "jku": "http://127.0.0.1:1/jwks"}), &service, hmac::HMAC_SHA256, b"evil"),
        ),
        ("other claims under our signature", format!("{}.{other_claims}.{}", parts[0], parts[2])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("half a signature", token[..token.len() - 10].to_owned()),
        ("claims that are no JSON", format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode("{"), parts[2])),
        ("a header that is no JSON", format!("{}.{}.{}", URL_SAFE_NO_PAD.encode("x"), parts[1], parts[2])),
        ("not base64", "!!.!!.!!".to_owned()),
    ];
    for (what, token) in cases {
        assert_refused(what, &send(&harbour, &token).await, "PGRST301", None);
    }
    for (token, count) in [("x", 1), ("a.b", 2), ("a.b.c.d", 4)] {
        let message = format!("Expected 3 parts in JWT; got {count}");
        assert_refused(token, &send(&harbour, token).await, "PGRST301", Some(&message));
    }
    let empty = harbour.request("GET", "/ports").header("authorization", "Bearer ").send().await.unwrap();
    assert_eq!(empty.status().as_u16(), 401);
    assert_eq!(empty.json::<Value>().await.unwrap()["message"], "Empty JWT is sent in Authorization header");
}

/// The public half of a key pair is no secret: HMAC with it proves nothing.
#[tokio::test]
async fn a_public_key_is_no_secret() {
    let harbour = Harbour::new().await;
    let set = harbour.http.get(format!("{}/auth/v1/.well-known/jwks.json", harbour.base)).send().await.unwrap();
    let set = set.text().await.unwrap();
    let service = json!({"role": "service_role", "exp": LATER});
    let header = json!({"alg": "HS256", "typ": "JWT"});
    for secret in [set.as_str(), set.trim()] {
        let token = sign_with(&header, &service, hmac::HMAC_SHA256, secret.as_bytes());
        assert_refused("the key set as a secret", &send(&harbour, &token).await, "PGRST301", None);
    }
}

#[tokio::test]
async fn roles_that_are_none() {
    let harbour = Harbour::new().await;
    for role in [
        "postgres",
        "supabase_admin",
        "authenticator",
        "plimsoll",
        "nobody",
        "",
        "none",
        "anon; reset role",
        "service_role\0",
    ] {
        let mut bad = claims(harbour.acme.owner);
        bad["role"] = json!(role);
        let (status, _, error) = send(&harbour, &sign(&bad)).await;
        assert_eq!(status, 401, "{role}: {error}");
        assert_eq!(error.as_object().unwrap().len(), 4, "{role}: {error}");
    }
    for role in [json!(7), json!(["service_role"]), json!({"role": "service_role"}), json!(true)] {
        let mut bad = claims(harbour.acme.owner);
        bad["role"] = role.clone();
        let (status, _, error) = send(&harbour, &sign(&bad)).await;
        assert_eq!(status, 401, "{role}: {error}");
    }
}

/// What a user may write into the own token's metadata says nothing about rights.
#[tokio::test]
async fn metadata_gives_no_rights() {
    let harbour = Harbour::new().await;
    let org = harbour.rival.id;
    let mut forged = claims(harbour.viewer);
    forged["user_metadata"] = json!({"role": "service_role", "org_id": org, "is_admin": true});
    forged["app_metadata"] = json!({"role": "service_role", "org_id": org, "orgs": [org], "roles": ["owner"]});
    forged["org_id"] = json!(org);
    forged["user_role"] = json!("owner");
    // What only the server's own API tokens carry.
    forged["plimsoll_org_id"] = json!(org);
    forged["plimsoll_scopes"] = json!(["admin"]);
    forged["plimsoll_token_id"] = json!(org);
    let token = sign(&forged);
    let role = harbour.request("POST", "/rpc/whoami").header("content-profile", "public").bearer_auth(&token);
    assert_eq!(role.send().await.unwrap().text().await.unwrap(), "\"authenticated\"");
    let projects = harbour.request("GET", "/projects?select=id").bearer_auth(&token).send().await.unwrap();
    assert_eq!(projects.json::<Value>().await.unwrap(), json!([{"id": harbour.project}]));
    let insert = harbour.request("POST", "/projects").bearer_auth(&token);
    let body = json!({"org_id": org, "name": "x", "slug": "x", "repo_url": "https://git.example/x.git"});
    assert_eq!(insert.json(&body).send().await.unwrap().status().as_u16(), 403);
    assert_eq!(harbour.read("select count(*) from ops.projects where name = 'x'").await, "0");
}

/// A removed member's token is still good, and shows nothing from the next request on.
#[tokio::test]
async fn a_removed_member_sees_nothing() {
    let harbour = Harbour::new().await;
    let token = harbour.bearer("developer").unwrap();
    let projects = async || {
        let answer = harbour.request("GET", "/projects?select=id").bearer_auth(&token).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(projects().await, json!([{"id": harbour.project}]));
    harbour.run(&format!("delete from registry.org_members where user_id = '{}'", harbour.developer)).await;
    assert_eq!(projects().await, json!([]));
    let call = harbour.request("POST", "/rpc/list_projects").bearer_auth(&token).send().await.unwrap();
    assert_eq!(call.text().await.unwrap(), "[]");
    let trigger = harbour.request("POST", "/rpc/trigger_build").bearer_auth(&token);
    let body = json!({"p_project_id": harbour.project, "p_branch_id": harbour.branch});
    let status = trigger.json(&body).send().await.unwrap().status();
    assert!(status.is_client_error(), "{status}");
    assert_eq!(harbour.read("select count(*) from ops.builds").await, "0");
}

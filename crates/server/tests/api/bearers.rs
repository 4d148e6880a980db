//! Tokens of every issuer that is believed, and those that only look like one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair,
};
use ring::{hmac, signature};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::app::{App, JWT_SECRET, Replica, config, in_an_hour, jwt, keys};

/// Made for these tests and of use nowhere else.
const RSA_KEY: &[u8] = include_bytes!("rsa_for_tests.pk8");

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Somebody with a key pair of each kind.
struct Issuer {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(RSA_KEY).unwrap(),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap(),
        }
    }

    fn rsa_jwk(&self, kid: &str) -> Value {
        let public: signature::RsaPublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let (n, e) = (URL_SAFE_NO_PAD.encode(&public.n), URL_SAFE_NO_PAD.encode(&public.e));
        json!({"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": n, "e": e})
    }

    fn ec_jwk(&self, kid: &str) -> Value {
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({"kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "use": "sig", "x": x, "y": y})
    }

    fn rs256(&self, header: Value, claims: &Value) -> String {
        self.rsa_signed(&RSA_PKCS1_SHA256, header, claims)
    }

    fn rsa_signed(&self, how: &'static dyn signature::RsaEncoding, header: Value, claims: &Value) -> String {
        let text = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.rsa.public().modulus_len()];
        self.rsa.sign(how, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn es256(&self, header: Value, claims: &Value) -> String {
        let text = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.ec.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn hs256(secret: &[u8], header: Value, claims: &Value) -> String {
    let text = format!("{}.{}", encode(&header), encode(claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn user(app: &App) -> Value {
    json!({"role": "authenticated", "aud": "authenticated", "sub": app.org.owner, "exp": in_an_hour()})
}

fn believing(app: &App, jwks: &Value) -> Replica {
    app.replica(config(), keys().with_jwks(&jwks.to_string()).unwrap())
}

async fn status(server: &Replica, token: &str) -> u16 {
    server.get("/rest/v1/role").bearer(token).send().await.status.as_u16()
}

#[tokio::test]
async fn an_operators_keys_are_believed_by_kid_or_without() {
    let app = App::new().await;
    let issuer = Issuer::new();
    let server = believing(&app, &json!({"keys": [issuer.rsa_jwk("r"), issuer.ec_jwk("e")]}));
    let claims = user(&app);
    for token in [
        issuer.rs256(json!({"alg": "RS256", "kid": "r"}), &claims),
        issuer.rs256(json!({"alg": "RS256"}), &claims),
        issuer.es256(json!({"alg": "ES256", "kid": "e"}), &claims),
        issuer.es256(json!({"alg": "ES256", "typ": "JWT"}), &claims),
    ] {
        // The second time it is remembered, and no less looked at.
        for _ in 0..2 {
            let me = server.get("/api/ops/me").bearer(&token).send().await.expect(200).json();
            assert_eq!(me["user_id"], json!(app.org.owner));
        }
    }
    let service = issuer.es256(json!({"alg": "ES256", "kid": "e"}), &json!({"role": "service_role"}));
    assert_eq!(server.get("/rest/v1/role").bearer(&service).send().await.text(), "service_role");
    let anon = issuer.es256(json!({"alg": "ES256", "kid": "e"}), &json!({"role": "anon"}));
    assert_eq!(server.get("/rest/v1/role").bearer(&anon).send().await.text(), "anon");
    assert_eq!(status(&server, &jwt(JWT_SECRET, &claims)).await, 200, "our own secret is believed beside them");
}

#[tokio::test]
async fn the_kid_picks_the_key() {
    let app = App::new().await;
    let (one, two) = (Issuer::new(), Issuer::new());
    let server = believing(&app, &json!({"keys": [one.ec_jwk("one"), two.ec_jwk("two")]}));
    let claims = user(&app);
    assert_eq!(status(&server, &two.es256(json!({"alg": "ES256", "kid": "two"}), &claims)).await, 200);
    assert_eq!(status(&server, &two.es256(json!({"alg": "ES256"}), &claims)).await, 200);
    for kid in ["one", "three", ""] {
        assert_eq!(status(&server, &two.es256(json!({"alg": "ES256", "kid": kid}), &claims)).await, 401, "{kid}");
    }
}

#[tokio::test]
async fn no_confusion_of_algorithms_or_keys_gets_through() {
    let app = App::new().await;
    let issuer = Issuer::new();
    let (rsa, ec) = (issuer.rsa_jwk("r"), issuer.ec_jwk("e"));
    let server = believing(&app, &json!({"keys": [rsa, ec]}));
    let claims = json!({"role": "service_role"});
    let decoded = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    let point = issuer.ec.public_key().as_ref();
    let signature_of = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    let good = issuer.es256(json!({"alg": "ES256", "kid": "e"}), &claims);
    let payload = encode(&claims);
    let mut forged = vec![
        // A public key, in each form it is published in, as the secret of HS256.
        hs256(&decoded(&rsa["n"]), json!({"alg": "HS256", "kid": "r"}), &claims),
        hs256(rsa["n"].as_str().unwrap().as_bytes(), json!({"alg": "HS256", "kid": "r"}), &claims),
        hs256(rsa.to_string().as_bytes(), json!({"alg": "HS256", "kid": "r"}), &claims),
        hs256(issuer.rsa.public().as_ref(), json!({"alg": "HS256", "kid": "r"}), &claims),
        hs256(point, json!({"alg": "HS256", "kid": "e"}), &claims),
        hs256(ec.to_string().as_bytes(), json!({"alg": "HS256"}), &claims),
        hs256(b"", json!({"alg": "HS256"}), &claims),
        // The right secret under another algorithm's name, and a stranger's keys under ours.
        hs256(JWT_SECRET.as_bytes(), json!({"alg": "HS384"}), &claims),
        hs256(JWT_SECRET.as_bytes(), json!({"alg": "RS256"}), &claims),
        hs256(JWT_SECRET.as_bytes(), json!({"alg": "ES256"}), &claims),
        Issuer::new().es256(json!({"alg": "ES256", "kid": "e"}), &claims),
        Issuer::new().es256(json!({"alg": "ES256"}), &claims),
        // The kid of one kind of key with the algorithm of another.
        issuer.rs256(json!({"alg": "RS256", "kid": "e"}), &claims),
        issuer.es256(json!({"alg": "ES256", "kid": "r"}), &claims),
        issuer.rs256(json!({"alg": "ES256", "kid": "r"}), &claims),
        issuer.rsa_signed(&RSA_PKCS1_SHA512, json!({"alg": "RS512", "kid": "r"}), &claims),
        issuer.rsa_signed(&RSA_PKCS1_SHA512, json!({"alg": "RS256", "kid": "r"}), &claims),
        // Keys that the token brings along.
        Issuer::new().es256(json!({"alg": "ES256", "jwk": Issuer::new().ec_jwk("e")}), &claims),
        Issuer::new().es256(json!({"alg": "ES256", "jku": "http://127.0.0.1:1/jwks.json"}), &claims),
        issuer.es256(json!({"alg": "ES256", "kid": "e", "crit": ["b64"], "b64": false}), &claims),
        // Signatures of other texts, of nothing, of zeros (CVE-2022-21449), and none.
        format!("{}.{payload}.{}", encode(&json!({"alg": "ES256", "kid": "r"})), signature_of(&good)),
        format!("{}.{payload}.", encode(&json!({"alg": "ES256", "kid": "e"}))),
        format!("{}.{payload}.{}", encode(&json!({"alg": "ES256", "kid": "e"})), URL_SAFE_NO_PAD.encode([0; 64])),
        format!("{}.{payload}.{}", encode(&json!({"alg": "RS256", "kid": "r"})), URL_SAFE_NO_PAD.encode([0; 256])),
    ];
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256", "es256", "EdDSA", "PS256"] {
        forged.push(format!("{}.{payload}.", encode(&json!({"alg": alg}))));
        forged.push(format!("{}.{payload}.{}", encode(&json!({"alg": alg, "kid": "e"})), signature_of(&good)));
    }
    for alg in [json!(null), json!(["none", "HS256"]), json!({"HS256": true}), json!(0)] {
        forged.push(hs256(JWT_SECRET.as_bytes(), json!({"alg": alg}), &claims));
    }
    for token in forged {
        let answer = server.get("/rest/v1/role").bearer(&token).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}: {}", answer.text());
        assert_eq!(answer.json()["code"], "PGRST301", "{token}");
    }
    assert_eq!(status(&server, &good).await, 200);
}

#[tokio::test]
async fn a_secret_in_a_key_set_is_a_shared_secret_and_nothing_else() {
    let app = App::new().await;
    let secret = b"another-secret-of-more-than-32-bytes!";
    let server =
        believing(&app, &json!({"keys": [{"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret), "kid": "legacy"}]}));
    let claims = user(&app);
    assert_eq!(status(&server, &hs256(secret, json!({"alg": "HS256", "kid": "legacy"}), &claims)).await, 200);
    assert_eq!(status(&server, &hs256(secret, json!({"alg": "HS256"}), &claims)).await, 200);
    assert_eq!(status(&server, &hs256(secret, json!({"alg": "HS256", "kid": "other"}), &claims)).await, 401);
    assert_eq!(status(&server, &hs256(secret, json!({"alg": "HS512"}), &claims)).await, 401);
}

#[tokio::test]
async fn the_secret_before_is_believed_beside_the_present_one() {
    let app = App::new().await;
    let previous = "the-secret-before-of-more-than-32-bytes";
    let variables = |name: &str| match name {
        "JWT_SECRET" => Some(JWT_SECRET.to_owned()),
        "JWT_SECRET_PREVIOUS" => Some(previous.to_owned()),
        _ => Some(base64::engine::general_purpose::STANDARD.encode([7; 32])),
    };
    let both = plimsoll_server::Keys::from_variables(variables, jiff::Timestamp::now()).unwrap();
    let server = app.replica(config(), both);
    for secret in [JWT_SECRET, previous] {
        assert_eq!(status(&server, &jwt(secret, &user(&app))).await, 200);
    }
    assert_eq!(status(&server, &jwt("a-third-secret-of-more-than-32-bytes", &user(&app))).await, 401);
}

/// A publisher of keys on loopback, who counts how often they are asked for.
struct Publisher {
    url: String,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<(StatusCode, HeaderMap, String)>>,
}

impl Publisher {
    async fn start(document: &Value) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(Mutex::new((StatusCode::OK, HeaderMap::new(), document.to_string())));
        let (count, give) = (asked.clone(), answer.clone());
        let router = Router::new().route(
            "/jwks.json",
            get(move || {
                count.fetch_add(1, Ordering::SeqCst);
                let give = give.clone();
                async move { give.lock().await.clone() }
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked, answer }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn server(&self, app: &App) -> Replica {
        let _ = rustls::crypto::ring::default_provider().install_default();
        app.replica(config(), keys().with_jwks(&self.url).unwrap())
    }
}

#[tokio::test]
async fn published_keys_are_fetched_once_and_again_for_a_new_one_but_not_for_every_stranger() {
    let app = App::new().await;
    let (one, two) = (Issuer::new(), Issuer::new());
    let publisher = Publisher::start(&json!({"keys": [one.ec_jwk("one"), one.rsa_jwk("r")]})).await;
    let server = publisher.server(&app);
    assert_eq!(publisher.asked(), 0, "only when needed");
    let claims = user(&app);
    for _ in 0..3 {
        assert_eq!(status(&server, &one.es256(json!({"alg": "ES256", "kid": "one"}), &claims)).await, 200);
        assert_eq!(status(&server, &one.rs256(json!({"alg": "RS256", "kid": "r"}), &claims)).await, 200);
    }
    assert_eq!(publisher.asked(), 1);
    // Just fetched: however many unknown kids there are, nobody is asked again so soon.
    for kid in ["two", "three", "four"] {
        let token = two.es256(json!({"alg": "ES256", "kid": kid}), &json!({"role": "anon", "n": Uuid::new_v4()}));
        assert_eq!(status(&server, &token).await, 401);
    }
    assert_eq!(publisher.asked(), 1);
    assert_eq!(status(&server, &jwt(JWT_SECRET, &claims)).await, 200, "our own secret asks nobody");
}

#[tokio::test]
async fn a_publisher_who_fails_lies_or_sends_elsewhere_is_not_believed() {
    let app = App::new().await;
    let issuer = Issuer::new();
    let claims = user(&app);
    let token = issuer.es256(json!({"alg": "ES256", "kid": "e"}), &claims);
    let good = Publisher::start(&json!({"keys": [issuer.ec_jwk("e")]})).await;
    let mut elsewhere = HeaderMap::new();
    elsewhere.insert("location", good.url.parse().unwrap());
    let huge = json!({"keys": [issuer.ec_jwk("e")], "padding": "x".repeat(300_000)}).to_string();
    for (status_given, headers, body) in [
        (StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), String::new()),
        (StatusCode::FOUND, elsewhere, String::new()),
        (StatusCode::OK, HeaderMap::new(), "<html>".to_owned()),
        (StatusCode::OK, HeaderMap::new(), "{\"keys\": []}".to_owned()),
        (StatusCode::OK, HeaderMap::new(), huge),
    ] {
        let publisher = Publisher::start(&json!({})).await;
        *publisher.answer.lock().await = (status_given, headers, body);
        let server = publisher.server(&app);
        assert_eq!(status(&server, &token).await, 401);
        assert_eq!(status(&server, &token).await, 401);
        assert_eq!(publisher.asked(), 1, "who fails is not asked by every request");
        assert_eq!(status(&server, &jwt(JWT_SECRET, &claims)).await, 200);
    }
    assert_eq!(good.asked(), 0, "a redirect is not followed");
    assert_eq!(status(&good.server(&app), &token).await, 200);
}

#[tokio::test]
async fn a_remembered_token_still_ends() {
    let app = App::new().await;
    let issuer = Issuer::new();
    let server = believing(&app, &json!({"keys": [issuer.ec_jwk("e")]}));
    // Within the skew now, beyond it a second later: what is remembered is the signature, and not that it was good.
    let mut claims = user(&app);
    claims["exp"] = json!(in_an_hour() - 3600 - 29);
    let token = issuer.es256(json!({"alg": "ES256", "kid": "e"}), &claims);
    assert_eq!(status(&server, &token).await, 200);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while status(&server, &token).await == 200 {
        assert!(std::time::Instant::now() < deadline, "it never ended");
        tokio::task::yield_now().await;
    }
}

use axum::body::Body;
use axum::http::Request;
use plimsoll_core::protocol::Claim;
use ring::digest::{SHA256, digest};

use crate::app::{Answer, App, config, request};

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

pub fn put(claim: &Claim, name: &str, sha256: &str, body: Vec<u8>) -> Request<Body> {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("name", name)
        .append_pair("type", "report")
        .append_pair("sha256", sha256)
        .append_pair("mime_type", "text/html")
        .finish();
    let path = format!("/runner/v1/attempts/{}/artifacts?{query}", claim.build_id);
    request("PUT", &path, &claim.attempt_token).body(Body::from(body)).unwrap()
}

async fn upload(app: &App, claim: &Claim, name: &str, body: &[u8]) -> Answer {
    app.send(put(claim, name, &sha256(body), body.to_vec())).await
}

/// Every file under the object store's folder.
fn stored(app: &App) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![app.files.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[tokio::test]
async fn an_artifact_can_be_sent_again_and_is_kept_once() {
    let app = App::new().await;
    let claim = app.claimed().await;
    // Larger than a part of a multipart upload.
    let large: Vec<u8> = (0..6_000_000_u32).flat_map(|n| [n as u8, (n >> 8) as u8]).collect();
    let first = upload(&app, &claim, "dist/app.bin", &large).await.expect(200).json();
    let second = upload(&app, &claim, "dist/app.bin", &large).await.expect(200).json();
    assert_eq!(first["artifact_id"], second["artifact_id"]);
    assert_eq!(stored(&app).len(), 1);
    let path = format!("/api/ops/artifacts/{}", first["artifact_id"].as_str().unwrap());
    let answer = app.get(&path, &app.owner()).await.expect(200);
    assert_eq!(sha256(&answer.body), sha256(&large));
}

#[tokio::test]
async fn bytes_with_another_digest_leave_nothing_behind() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let refused = app.send(put(&claim, "a.txt", &sha256(b"promised"), b"delivered".to_vec())).await.expect(400);
    assert!(refused.error().contains("nothing was kept"), "{}", refused.error());
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
    assert_eq!(app.count("select count(*) from ops.artifacts where build_id = $1", claim.build_id).await, 0);
}

#[tokio::test]
async fn an_artifact_over_the_limit_leaves_nothing_behind() {
    let mut config = config();
    config.max_artifact_bytes = 1_000;
    let app = App::with(config).await;
    let claim = app.claimed().await;
    let body = vec![1; 1_001];
    let refused = upload(&app, &claim, "a.bin", &body).await.expect(413);
    assert_eq!(refused.json()["code"], "too_large");
    // Without a length the limit is found on the way.
    let mut unannounced = put(&claim, "a.bin", &sha256(&body), Vec::new());
    let pieces = body.chunks(100).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    *unannounced.body_mut() = Body::from_stream(futures::stream::iter(pieces));
    app.send(unannounced).await.expect(413);
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
    upload(&app, &claim, "a.bin", &body[..1_000]).await.expect(200);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing_behind() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let mut broken = put(&claim, "a.bin", &sha256(b"whole"), Vec::new());
    let pieces = [Ok(b"who".to_vec()), Err(std::io::Error::other("connection lost"))];
    *broken.body_mut() = Body::from_stream(futures::stream::iter(pieces));
    app.send(broken).await.expect(400);
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_stale_runner_stores_nothing() {
    let app = App::new().await;
    let claim = app.claimed().await;
    app.expire(&claim).await;
    let refused = upload(&app, &claim, "a.txt", b"late").await.expect(409);
    assert_eq!(refused.json()["code"], "stale_token");
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
    assert_eq!(app.count("select count(*) from ops.fenced_writes where build_id = $1", claim.build_id).await, 1);
}

#[tokio::test]
async fn a_wrong_description_is_refused() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let digest = sha256(b"x");
    for request in [
        put(&claim, "", &digest, b"x".to_vec()),
        put(&claim, "a\nb", &digest, b"x".to_vec()),
        put(&claim, "a", "abc", b"x".to_vec()),
        put(&claim, "a", &digest.to_uppercase(), b"x".to_vec()),
    ] {
        app.send(request).await.expect(400);
    }
}

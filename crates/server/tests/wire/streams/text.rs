use axum::body::Body;
use futures::StreamExt;
use serde_json::json;

use crate::app::{App, chunk, http, request};
use crate::sse::PATIENCE;

#[tokio::test]
async fn text_is_plain_unless_asked_otherwise() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let mut body =
        chunk(claim.next_line, &["\u{1b}[1mbold\u{1b}[0m \u{1b}[2Jend", "part one, ", "part two", r"nul \x00 \\"]);
    body["kind"] = json!([9, 9 | 64, 9, 9 | 128]);
    app.attempt(&claim, "POST", "logs", &body).await.expect(200);
    let path = |query: &str| format!("/api/ops/builds/{}/logs.txt?from={}{query}", claim.build_id, claim.next_line);
    let plain = app.get(&path(""), &app.owner()).await.expect(200);
    assert_eq!(plain.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(plain.text(), "bold end\npart one, part two\nnul \\x00 \\\\\n");
    let colour = app.get(&path("&color=1"), &app.owner()).await.expect(200);
    assert!(colour.text().starts_with("\u{1b}[1mbold\u{1b}[0m end\n"), "{:?}", colour.text());
    let raw = app.get(&path("&raw=1"), &app.owner()).await.expect(200);
    assert_eq!(raw.body, b"\x1b[1mbold\x1b[0m \x1b[2Jend\npart one, part two\nnul \x00 \\\n");
    let head = app.send(request("HEAD", &path(""), &app.owner()).body(Body::empty()).unwrap()).await.expect(200);
    assert!(head.body.is_empty());
    let refused = app.get(&path("&color=maybe"), &app.owner()).await.expect(400);
    assert!(refused.error().contains("color") || refused.error().contains("maybe"), "{}", refused.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn following_goes_on_until_the_build_has_ended() {
    let app = App::new().await;
    let address = app.listen().await;
    let claim = app.claimed().await;
    let url = format!("http://{address}/api/ops/builds/{}/logs.txt?follow=1&from={}", claim.build_id, claim.next_line);
    let response = http().get(url).bearer_auth(app.owner()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut pieces = response.bytes_stream();
    let mut next = claim.next_line;
    let mut seen = String::new();
    for word in ["one", "two", "three"] {
        app.append(&claim, next, &[word]).await.expect(200);
        next += 1;
        while !seen.ends_with(&format!("{word}\n")) {
            let piece = tokio::time::timeout(PATIENCE, pieces.next()).await.unwrap().unwrap().unwrap();
            seen.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
    app.finish(&claim, next).await.expect(204);
    while let Some(piece) = tokio::time::timeout(PATIENCE, pieces.next()).await.unwrap() {
        seen.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
    assert_eq!(seen, "one\ntwo\nthree\n");
}

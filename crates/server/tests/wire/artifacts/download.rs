use axum::body::Body;
use plimsoll_testkit::seed;

use crate::app::{App, request, user_token};
use crate::runners::artifact::{put, sha256};

async fn stored(app: &App, name: &str, body: &[u8]) -> String {
    let claim = app.claimed().await;
    let answer = app.send(put(&claim, name, &sha256(body), body.to_vec())).await.expect(200);
    format!("/api/ops/artifacts/{}", answer.json()["artifact_id"].as_str().unwrap())
}

#[tokio::test]
async fn a_page_that_a_build_made_is_never_rendered_in_our_origin() {
    let app = App::new().await;
    let path = stored(&app, "report/index \"1\".html", b"<script>alert(1)</script>").await;
    let answer = app.get(&path, &app.owner()).await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"index__1_.html\""), "{disposition}");
    assert_eq!(answer.body, b"<script>alert(1)</script>");
}

#[tokio::test]
async fn part_of_a_file_can_be_asked_for() {
    let app = App::new().await;
    let path = stored(&app, "digits.txt", b"0123456789").await;
    let ask =
        |range: &'static str| request("GET", &path, &app.owner()).header("range", range).body(Body::empty()).unwrap();
    let part = app.send(ask("bytes=2-4")).await.expect(206);
    assert_eq!((part.text().as_str(), &part.headers["content-range"]), ("234", &"bytes 2-4/10".parse().unwrap()));
    assert_eq!(part.headers["content-length"], "3");
    assert_eq!(app.send(ask("bytes=-1")).await.expect(206).text(), "9");
    assert_eq!(app.send(ask("bytes=9-3")).await.expect(200).text(), "0123456789");
    app.send(ask("bytes=10-")).await.expect(416);
    let head = app.send(request("HEAD", &path, &app.owner()).body(Body::empty()).unwrap()).await.expect(200);
    assert_eq!((head.body.len(), &head.headers["content-length"]), (0, &"10".parse().unwrap()));
}

#[tokio::test]
async fn an_artifact_of_another_org_does_not_exist() {
    let app = App::new().await;
    let path = stored(&app, "a.txt", b"ours").await;
    let stranger = seed::org(&app.client, "Other").await.owner;
    app.get(&path, &user_token(stranger)).await.expect(404);
    app.get(&path, "").await.expect(401);
    app.get("/api/ops/artifacts/00000000-0000-0000-0000-000000000000", &app.owner()).await.expect(404);
    app.get("/api/ops/artifacts/nonsense", &app.owner()).await.expect(400);
}

use crate::app::App;

#[tokio::test]
async fn signing_out_ends_the_session_here_and_in_the_browser() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let answer = app.post("/signout").cookie(&cookie).send().await.expect(204);
    assert_eq!(answer.header("set-cookie"), Some("plimsoll=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    app.get("/api/ops/me").cookie(&cookie).send().await.expect(401);
    app.post("/signout").cookie(&cookie).send().await.expect(204);
}

#[tokio::test]
async fn a_page_is_sent_to_sign_in() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let answer = app.post("/signout").cookie(&cookie).header("accept", "text/html").send().await.expect(303);
    assert_eq!(answer.header("location"), Some("/signin"));
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let call = app.post("/signout").header("cookie", &cookie).header("sec-fetch-site", "cross-site");
    call.send().await.expect(403);
    app.get("/api/ops/me").cookie(&cookie).send().await.expect(200);
}

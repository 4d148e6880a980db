use crate::app::App;

#[tokio::test]
async fn a_browser_that_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let app = App::new().await;
    let open = |path: &str| app.get(path).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").send();
    assert_eq!(open("/").await.expect(303).header("location"), Some("/signin"));
    let deep = open("/builds/7?line=3").await.expect(303);
    assert_eq!(deep.header("location"), Some("/signin?next=%2Fbuilds%2F7%3Fline%3D3"));
    open("/signin").await.expect(200);
}

#[tokio::test]
async fn a_script_that_is_not_signed_in_is_told_so() {
    let app = App::new().await;
    assert!(app.get("/").send().await.expect(401).error().contains("/signin"));
    assert!(app.post("/").header("accept", "text/html").send().await.expect(401).error().contains("/signin"));
}

#[tokio::test]
async fn somebody_signed_in_sees_pages() {
    let app = App::new().await;
    let cookie = app.owner().await;
    assert_eq!(app.get("/").cookie(&cookie).send().await.expect(200).text(), "<p>front</p>");
    app.get("/nothing-here").cookie(&cookie).send().await.expect(404);
}

//! `/openapi.json` and `/docs`.

use crate::app::App;

/// The description is checked in: a change of the API is a change of this file.
#[tokio::test]
async fn the_description_is_the_one_that_was_agreed() {
    let app = App::new().await;
    let body = app.get("/openapi.json").send().await.expect(200).json();
    assert_eq!(body["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    insta::assert_json_snapshot!("openapi", body);
}

#[tokio::test]
async fn the_page_shows_it_without_anything_from_elsewhere() {
    let app = App::new().await;
    let page = app.get("/docs").header("accept", "text/html").send().await.expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let html = page.text();
    assert!(html.contains("/api/ops/builds/{build_id}/cancel"));
    assert!(
        !html.contains("<script")
            && !html.contains("style=")
            && !html.contains("http://")
            && !html.contains("https://cdn")
    );
    app.get("/docs/style.css").send().await.expect(200);
}

//! `/openapi.json` and `/docs`.

use serde_json::json;

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
async fn clients_learn_where_it_is_and_how_to_prove_who_they_are() {
    let app = App::new().await;
    let body = app.get("/openapi.json").send().await.expect(200).json();
    assert_eq!(body["servers"][0]["url"], "/");
    assert_eq!(body["components"]["securitySchemes"]["apikey"]["name"], "apikey");
    let alone = |path: &str| {
        let ways = body["paths"][path]["post"]["security"].as_array().unwrap();
        ways.contains(&json!({"apikey": []}))
    };
    assert!(alone("/functions/v1/ops-trigger-build") && alone("/auth/v1/token"));
    assert!(!alone("/functions/v1/ops-metrics-ingest"), "it wants its own token");
    let asked = &body["components"]["schemas"]["BuildAsked"];
    assert_eq!(asked["required"], json!(["project_id", "branch_id"]));
}

#[tokio::test]
async fn a_browser_finds_an_icon() {
    let answer = App::new().await.get("/favicon.ico").send().await.expect(308);
    assert!(answer.header("location").unwrap().ends_with("/favicon.svg"));
}

#[tokio::test]
async fn the_page_shows_it_without_anything_from_elsewhere() {
    let app = App::new().await;
    let page = app.get("/docs").header("accept", "text/html").send().await.expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let html = page.text();
    assert!(html.contains("/api/ops/builds/{build_id}/cancel"));
    assert!(
        html.contains("<td><code>no_authorization</code>; <code>invalid_api_key</code>: an"),
        "backticks make code"
    );
    assert!(
        !html.contains("<script")
            && !html.contains("style=")
            && !html.contains("http://")
            && !html.contains("https://cdn")
    );
    app.get("/docs/style.css").send().await.expect(200);
}

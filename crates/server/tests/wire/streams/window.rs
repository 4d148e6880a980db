use serde_json::json;

use crate::app::{App, chunk};

#[tokio::test]
async fn a_window_is_cut_across_chunks() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let first = claim.next_line;
    for at in 0..30 {
        app.append(&claim, first + at * 3, &["a", "b", "c"]).await.expect(200);
    }
    let get = async |query: String| {
        let path = format!("/api/ops/builds/{}/logs?{query}", claim.build_id);
        app.get(&path, &app.owner()).await.expect(200).json()
    };
    let window = get(format!("from={}&limit=50", first + 1)).await;
    assert_eq!((&window["first_line"], &window["next_line"]), (&json!(first + 1), &json!(first + 51)));
    assert_eq!(window["total"], first + 89);
    for column in ["ts", "kind", "text"] {
        assert_eq!(window[column].as_array().unwrap().len(), 50, "{column}");
    }
    assert_eq!((&window["text"][0], &window["text"][1]), (&json!("b"), &json!("c")));
    let tail = get("tail=2".into()).await;
    assert_eq!((&tail["text"], &tail["next_line"]), (&json!(["b", "c"]), &json!(first + 90)));
    let beyond = get("from=100000".into()).await;
    assert_eq!((&beyond["text"], &beyond["next_line"]), (&json!([]), &json!(100_000)));
    let path = format!("/api/ops/builds/{}/logs?limit=0", claim.build_id);
    app.get(&path, &app.owner()).await.expect(400);
}

#[tokio::test]
async fn search_and_marks_lead_to_lines() {
    let app = App::new().await;
    let claim = app.claimed().await;
    let first = claim.next_line;
    let mut body = chunk(first, &["compiling", "ERROR: no such file", "done"]);
    body["marks"] = json!([{"line": first + 1, "kind": "error", "label": "no such file"}]);
    app.attempt(&claim, "POST", "logs", &body).await.expect(200);
    let path = format!("/api/ops/builds/{}/logs", claim.build_id);
    let found = app.get(&format!("{path}/search?q=such%20FILE"), &app.owner()).await.expect(200).json();
    assert_eq!(found["lines"], json!([first + 1]));
    let marks = app.get(&format!("{path}/marks"), &app.owner()).await.expect(200).json();
    let errors: Vec<_> = marks["marks"].as_array().unwrap().iter().filter(|mark| mark["kind"] == "error").collect();
    assert_eq!(errors, [&json!({"line": first + 1, "kind": "error", "label": "no such file"})]);
    app.get(&format!("{path}/search?q="), &app.owner()).await.expect(400);
    app.get(&format!("{path}/search"), &app.owner()).await.expect(400);
}

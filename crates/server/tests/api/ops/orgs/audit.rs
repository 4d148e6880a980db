use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn what_was_done_is_listed_and_can_be_taken_along_as_csv() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let org = format!("/api/ops/orgs/{}", app.org.id);
    app.put(&format!("{org}/limit")).cookie(&cookie).json(&json!({"max_running": 7})).send().await.expect(204);
    let tokens = format!("{org}/tokens");
    let body = json!({"name": "=cmd()", "scopes": ["read"]});
    app.post(&tokens).cookie(&cookie).json(&body).send().await.expect(201);

    let get = |query: &str| app.get(&format!("{org}/audit{query}")).cookie(&cookie).send();
    let entries = get("").await.expect(200).json();
    let actions: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions.len(), 2, "{actions:?}");
    assert!(actions[1].starts_with("org.limit"), "{actions:?}");
    assert_eq!(entries[1]["actor"], json!(format!("user:{}", app.org.owner)));
    assert_eq!(get("?action=org").await.expect(200).json().as_array().unwrap().len(), 1);
    assert_eq!(get("?actor=nobody").await.expect(200).json(), json!([]));
    let before = format!("?before={}&limit=1", entries[0]["id"]);
    assert_eq!(get(&before).await.expect(200).json()[0], entries[1]);

    let csv = get(".csv").await.expect(200);
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    let text = csv.text();
    assert!(text.starts_with("id,created_at,actor,actor_name,action,target,detail\r\n"));
    assert_eq!(text.matches("\r\n").count(), 3);
    assert!(!text.contains(",\"="), "no field is a formula: {text}");
}

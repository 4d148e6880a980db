use plimsoll_testkit::seed;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn says_who_is_asking_and_where_they_belong() {
    let app = App::new().await;
    seed::org(&app.client, "Elsewhere").await;
    let (user_id, cookie) = app.member("developer").await;
    let me = app.get("/api/ops/me").cookie(&cookie).send().await.expect(200).json();
    assert_eq!((&me["user_id"], &me["via"]), (&json!(user_id), &json!("user")));
    assert_eq!(me["email"], json!(format!("{user_id}@example.test")));
    let orgs = me["orgs"].as_array().unwrap();
    assert_eq!(orgs.len(), 1);
    assert_eq!((&orgs[0]["id"], &orgs[0]["role"]), (&json!(app.org.id), &json!("developer")));
    assert_eq!(app.get("/api/ops/orgs").cookie(&cookie).send().await.expect(200).json(), me["orgs"]);
}

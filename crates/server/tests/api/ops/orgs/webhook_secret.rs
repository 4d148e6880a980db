use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn it_is_shown_once_stored_sealed_and_the_one_before_stays_good() {
    let app = App::new().await;
    let path = format!("/api/ops/orgs/{}/webhook-secret", app.org.id);
    let cookie = app.owner().await;
    let first = app.put(&path).cookie(&cookie).send().await.expect(200).json();
    assert_eq!(first["url"], json!(format!("http://127.0.0.1:4400/webhooks/github/{}", app.org.id)));
    let second = app.put(&path).cookie(&cookie).json(&json!({"provider": "github"})).send().await.expect(200).json();
    let row = app.client.query_one("select sealed, previous_sealed from registry.webhook_secrets", &[]).await.unwrap();
    let owner = plimsoll_server::webhook_owner(app.org.id, "github");
    let open = |sealed: Vec<u8>| String::from_utf8(app.state.keys.open(&owner, &sealed).unwrap()).unwrap();
    assert_eq!(json!(open(row.get(0))), second["secret"]);
    assert_eq!(json!(open(row.get(1))), first["secret"]);
    app.put(&path).cookie(&cookie).json(&json!({"provider": "sourceforge"})).send().await.expect(400);
}

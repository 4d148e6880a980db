use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn runners_are_listed_and_removed_by_admins() {
    let app = App::new().await;
    let sql = "insert into ops.runners (org_id, name, token_hash, version, os, arch, host)
               values ($1, 'big one', sha256('r'), '1', 'linux', 'x86_64', 'h') returning id";
    let id: uuid::Uuid = app.client.query_one(sql, &[&app.org.id]).await.unwrap().get(0);
    let (_, viewer) = app.member("viewer").await;
    let list = format!("/api/ops/orgs/{}/runners", app.org.id);
    let runners = app.get(&list).cookie(&viewer).send().await.expect(200);
    assert_eq!(runners.json()[0]["name"], json!("big one"));
    assert!(!runners.text().contains("token"), "{}", runners.text());
    let path = format!("/api/ops/runners/{id}");
    app.delete(&path).cookie(&viewer).send().await.expect(403);
    app.delete(&path).cookie(&app.owner().await).send().await.expect(204);
    assert_eq!(app.get(&list).cookie(&viewer).send().await.expect(200).json(), json!([]));
}

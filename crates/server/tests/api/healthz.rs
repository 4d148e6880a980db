use crate::app::App;

#[tokio::test]
async fn the_process_is_up() {
    let app = App::new().await;
    assert_eq!(app.get("/healthz").send().await.expect(200).text(), "ok\n");
}

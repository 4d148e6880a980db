//! The PostgreSQL server that all tests of this machine share.

use tokio::sync::OnceCell;

/// A superuser's URL of the server's `postgres` database.
pub async fn url() -> String {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(|| async {
        match std::env::var("PLIMSOLL_TEST_DATABASE_URL") {
            Ok(url) if !url.is_empty() => url,
            _ => panic!("set PLIMSOLL_TEST_DATABASE_URL"),
        }
    })
    .await
    .clone()
}

//! Each test has a migrated database to itself.

use plimsoll_testkit::{TestDb, git::Repo, seed};
use tokio_postgres::NoTls;

#[tokio::test]
async fn seeded_rows_fit_the_schema() {
    let db = TestDb::new().await;
    let client = db.client().await;
    let org = seed::org(&client, "Acme Ltd.").await;
    seed::member(&client, org.id, "developer").await;
    let project = seed::project(&client, org.id, "Web Shop", "https://example.test/shop.git").await;
    let branch = seed::branch(&client, project, "main", "production").await;
    let first = seed::build(&client, branch).await;
    let second = seed::build(&client, branch).await;
    let rows = client
        .query("select id from ops.builds where org_id = $1 and status = 'queued' order by build_number", &[&org.id])
        .await
        .unwrap();
    let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(ids, [first, second]);
}

#[tokio::test]
async fn databases_do_not_see_each_other() {
    let (one, two) = tokio::join!(TestDb::new(), TestDb::new());
    seed::org(&one.client().await, "Acme").await;
    let count: i64 = two.client().await.query_one("select count(*) from registry.orgs", &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_database_goes_with_its_value_even_while_somebody_is_connected() {
    let db = TestDb::new().await;
    let url = db.url().to_owned();
    let _connected = db.client().await;
    drop(db);
    let error = tokio_postgres::connect(&url, NoTls).await.err().expect("the database is gone");
    assert_eq!(error.code(), Some(&tokio_postgres::error::SqlState::UNDEFINED_DATABASE), "{error}");
}

#[test]
fn repositories_are_the_same_everywhere() {
    let repo = Repo::new();
    let sha = repo.commit(&[("src/main.rs", "fn main() {}\n")], "Begin");
    let again = Repo::new();
    assert_eq!(sha, again.commit(&[("src/main.rs", "fn main() {}\n")], "Begin"));
    repo.branch("feature/x");
    let on_branch = repo.commit(&[("README.md", "x\n")], "Say what it is");
    repo.branch("main");
    assert_eq!(repo.head(), sha);
    assert_eq!(repo.git(&["rev-parse", "feature/x"]), on_branch);
}

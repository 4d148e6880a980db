//! What two senders of the same event see of each other.

use plimsoll_testkit::{TestDb, seed};

#[tokio::test]
async fn the_same_event_sent_twice_at_once_is_one_deployment() {
    let test = TestDb::new().await;
    let (mut first, second, watcher) = (test.client().await, test.client().await, test.client().await);
    let org = seed::org(&watcher, "Engines").await;
    seed::project(&watcher, org.id, "Shop", "/srv/shop").await;
    let insert = "insert into metrics.deployment_events (deployment_id, status, deployed_at)
                  values ('release-7', 'success', '2026-03-01 10:00Z') returning id::text";

    let transaction = first.transaction().await.unwrap();
    let made: String = transaction.query_one(insert, &[]).await.unwrap().get(0);
    let repeating = tokio::spawn(async move { second.query_one(insert, &[]).await });
    let waiting = "select exists (select from pg_locks where locktype = 'advisory' and not granted
                                  and database = (select oid from pg_database where datname = current_database()))";
    while !watcher.query_one(waiting, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(!repeating.is_finished(), "the second did not wait for the first");
    }
    transaction.commit().await.unwrap();
    assert_eq!(repeating.await.unwrap().unwrap().get::<_, String>(0), made);
    let count = watcher.query_one("select count(*) from ops.deployments", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 1);
}

//! Partitions are made ahead and dropped by age, each kind of data by its own.

use plimsoll_db::Db;
use plimsoll_engine::Retention;
use plimsoll_engine::housekeeping::tidy;
use plimsoll_testkit::{TestDb, seed};

#[tokio::test]
async fn samples_are_kept_as_long_as_the_settings_say() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 2).unwrap();
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", "https://git.example/shop.git").await;
    let keep = Retention { log_days: 90, sample_days: 30 };
    let made = tidy(db.clone(), keep).await.unwrap();
    assert!(made >= 15, "five weeks of logs, samples and what the monitor records: {made}");
    assert_eq!(tidy(db.clone(), keep).await.unwrap(), 0);

    let insert = "insert into ops.metrics (project_id, ts, metric, value)
                  select $1, now() - n * interval '1 day', 'age', n from unnest(array[0, 10, 60]) n";
    client.execute(insert, &[&project]).await.unwrap();
    tidy(db, keep).await.unwrap();
    let rows = client.query("select value::integer from ops.metrics order by 1", &[]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<_, i32>(0)).collect::<Vec<_>>(), [0, 10]);
}

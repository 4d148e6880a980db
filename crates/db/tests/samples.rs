//! Samples from Rust: batches in, series out, partitions kept by several servers at once.

use jiff::{SignedDuration, Timestamp};
use plimsoll_db::queue::Idempotency;
use plimsoll_db::samples::SampleBatch;
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::{TestDb, seed};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

struct Scene {
    _test: TestDb,
    client: Client,
    db: Db,
    owner: Actor,
    project: Uuid,
}

async fn scene() -> Scene {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 8).unwrap();
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", "https://git.example/shop.git").await;
    Scene { _test: test, client, db, owner: Actor::User { user_id: org.owner, claims: None }, project }
}

impl Scene {
    fn batch(&self, samples: &[(&str, f64)]) -> SampleBatch {
        SampleBatch {
            project_id: self.project,
            branch_id: None,
            ts: Timestamp::now() - SignedDuration::from_secs(60),
            metrics: samples.iter().map(|(metric, _)| (*metric).to_owned()).collect(),
            values: samples.iter().map(|(_, value)| *value).collect(),
            dims: samples.iter().map(|_| Some(json!({"host": "web-1"}))).collect(),
        }
    }

    async fn count(&self, from: &str) -> i64 {
        self.client.query_one(&format!("select count(*) from {from}"), &[]).await.unwrap().get(0)
    }
}

#[tokio::test]
async fn a_batch_comes_out_as_it_went_in() {
    let scene = scene().await;
    let batch = scene.batch(&[("cpu_pct", 45.2), ("mem_mb", 900.0), ("cpu_pct", -0.5)]);
    assert_eq!(scene.db.ingest_samples(&batch, None).await.unwrap(), 3);
    let series = scene.db.project_metrics(&scene.owner, scene.project, "cpu_pct", 1).await.unwrap();
    assert_eq!(series.iter().map(|sample| sample.value).collect::<Vec<_>>(), [45.2, -0.5]);
    assert_eq!(series[0].dims, json!({"host": "web-1"}));
    assert_eq!(series[0].ts.as_microsecond(), batch.ts.as_microsecond());

    let stranger = Actor::User { user_id: seed::org(&scene.client, "Elsewhere").await.owner, claims: None };
    for (actor, project) in [(&stranger, scene.project), (&scene.owner, Uuid::new_v4())] {
        let refused = scene.db.project_metrics(actor, project, "cpu_pct", 1).await.unwrap_err();
        assert!(matches!(refused, DbError::NotFound(_)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_bad_sample_refuses_its_batch_by_name() {
    let scene = scene().await;
    for (bad, says) in
        [(("a b", 1.0), "its metric is 'a b'"), (("ok", f64::NAN), "NaN"), (("ok", f64::INFINITY), "Infinity")]
    {
        let refused = scene.db.ingest_samples(&scene.batch(&[("ok", 1.0), ("ok", 2.0), bad]), None).await.unwrap_err();
        let DbError::Invalid(message) = refused else { panic!("{refused:?}") };
        assert!(message.starts_with("sample 2, counted from 0") && message.contains(says), "{message}");
    }
    let unknown = SampleBatch { project_id: Uuid::new_v4(), ..scene.batch(&[("ok", 1.0)]) };
    assert!(matches!(scene.db.ingest_samples(&unknown, None).await.unwrap_err(), DbError::NotFound(_)));
    assert_eq!(scene.count("ops.metrics").await, 0);
}

#[tokio::test]
async fn equal_batches_at_once_are_stored_once() {
    let scene = scene().await;
    let batch = scene.batch(&[("cpu_pct", 1.0), ("cpu_pct", 2.0)]);
    let key = Idempotency { key: "same", request_hash: b"hash" };
    let calls = (0..8).map(|_| scene.db.ingest_samples(&batch, Some(key)));
    for inserted in futures::future::join_all(calls).await {
        assert_eq!(inserted.unwrap(), 2);
    }
    assert_eq!(scene.count("ops.metrics").await, 2);
    let other = Idempotency { key: "same", request_hash: b"other" };
    assert!(matches!(scene.db.ingest_samples(&batch, Some(other)).await.unwrap_err(), DbError::Conflict(_)));
}

#[tokio::test]
async fn servers_that_make_partitions_at_once_make_each_once() {
    let scene = scene().await;
    let made = futures::future::join_all((0..6).map(|_| scene.db.ensure_sample_partitions(3))).await;
    assert_eq!(made.into_iter().map(Result::unwrap).sum::<i32>(), 8);
    let now = SampleBatch { ts: Timestamp::now(), ..scene.batch(&[("cpu_pct", 1.0)]) };
    scene.db.ingest_samples(&now, None).await.unwrap();
    assert_eq!(scene.count("ops.metrics_default").await, 0, "a week has a partition of its own");
    assert_eq!(scene.db.drop_sample_partitions_older_than(90).await.unwrap(), 0);
    assert_eq!(scene.count("ops.metrics").await, 1);
    assert_eq!(scene.db.drop_sample_partitions_older_than(-90).await.unwrap(), 8);
    assert_eq!(scene.count("ops.metrics").await, 0);
}

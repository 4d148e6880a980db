//! A delivery has its effect once, however often and in whatever order it comes.

use std::sync::Arc;

use plimsoll_db::Db;
use plimsoll_engine::webhooks::apply_due;
use plimsoll_testkit::{TestDb, seed};
use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use uuid::Uuid;

const REPO: &str = "https://github.com/acme/shop.git";

fn push(branch: &str, n: u64) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"),
        "before": "0".repeat(40),
        "after": format!("{n:040x}"),
        "created": false, "deleted": false, "forced": false,
        "repository": {
            "full_name": "acme/shop", "clone_url": REPO, "ssh_url": "git@github.com:acme/shop.git",
            "html_url": "https://github.com/acme/shop", "url": "https://github.com/acme/shop",
            "default_branch": "main", "pushed_at": 1_760_000_000 + n,
        },
        "head_commit": {
            "id": format!("{n:040x}"), "message": format!("Change {n}"), "timestamp": "2026-01-01T00:00:00Z",
            "author": {"name": "Ada", "email": "ada@example.com"},
        },
        "commits": [], "pusher": {"name": "ada"},
    })
}

async fn count(client: &tokio_postgres::Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn all_applied(db: &Db) {
    apply_due(db.clone(), Arc::default(), Arc::default()).await.unwrap();
}

#[tokio::test]
async fn a_thousand_deliveries_five_times_each_in_any_order_build_each_production_push_once() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 4).unwrap();
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", REPO).await;
    seed::branch(&client, project, "main", "production").await;

    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut deliveries: Vec<u64> = (0..1_000).flat_map(|n| [n; 5]).collect();
    deliveries.shuffle(&mut StdRng::seed_from_u64(seed));
    let mut new = 0;
    for (i, n) in deliveries.iter().enumerate() {
        let delivery = Uuid::from_u128(u128::from(*n)).to_string();
        new += u32::from(db.receive_webhook(org.id, "github", &delivery, "push", &push("main", *n)).await.unwrap());
        if i % 700 == 0 {
            all_applied(&db).await;
        }
    }
    all_applied(&db).await;
    assert_eq!(new, 1_000);

    assert_eq!(count(&client, "select count(*) from ops.webhook_deliveries where processed_at is null").await, 0);
    assert_eq!(
        count(&client, "select count(*) - count(distinct commit_sha) from ops.builds").await,
        0,
        "a push was built twice"
    );
    // What was overtaken before it arrived is ignored; the newest commit is where the branch stands, and it is built.
    let newest = format!("{:040x}", 999);
    let row = client
        .query_one(
            "select head_sha, (select count(*) from ops.builds b where b.commit_sha = head_sha) from ops.branches",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((row.get::<_, String>(0), row.get::<_, i64>(1)), (newest, 1));
    let ignored = count(&client, "select count(*) from ops.webhook_deliveries where outcome like '%later push%'").await;
    assert_eq!(count(&client, "select count(*) from ops.builds").await + ignored, 1_000);
}

#[tokio::test]
async fn on_development_only_the_newest_commit_stays_queued() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 4).unwrap();
    let org = seed::org(&client, "Acme").await;
    seed::project(&client, org.id, "shop", REPO).await;
    for n in 1..=3 {
        db.receive_webhook(org.id, "github", &format!("delivery-{n}"), "push", &push("feature/x", n)).await.unwrap();
        all_applied(&db).await;
    }
    let rows = client
        .query("select commit_sha, status, failure_reason from ops.builds order by build_number", &[])
        .await
        .unwrap();
    let ends: Vec<(String, Option<String>)> = rows.iter().map(|r| (r.get(1), r.get(2))).collect();
    let superseded = ("cancelled".to_owned(), Some("superseded".to_owned()));
    assert_eq!(ends, [superseded.clone(), superseded, ("queued".to_owned(), None)]);
}

#[tokio::test]
async fn what_is_not_ours_or_not_readable_is_kept_and_says_why() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 4).unwrap();
    let org = seed::org(&client, "Acme").await;
    for (id, event, payload) in [
        ("1", "push", push("main", 1)),
        ("2", "push", json!({"ref": 7})),
        ("3", "star", json!({"action": "created"})),
        ("4", "ping", json!({"zen": "Keep it logically awesome."})),
    ] {
        db.receive_webhook(org.id, "github", id, event, &payload).await.unwrap();
    }
    all_applied(&db).await;
    let rows = client.query("select outcome from ops.webhook_deliveries order by delivery_id", &[]).await.unwrap();
    let outcomes: Vec<String> = rows.iter().map(|r| r.get(0)).collect();
    assert!(outcomes[0].contains("no active project"), "{outcomes:?}");
    assert!(outcomes[1].starts_with("ignored"), "{outcomes:?}");
    assert!(outcomes[2].contains("star"), "{outcomes:?}");
    assert!(outcomes[3].contains("ping"), "{outcomes:?}");
    assert_eq!(count(&client, "select count(*) from ops.builds").await, 0);
}

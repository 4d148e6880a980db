//! Advisories from Rust: scans at once, people's answers in between, and who may.

use jiff::{SignedDuration, Timestamp};
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::{TestDb, seed};
use tokio_postgres::Client;
use uuid::Uuid;

struct Scene {
    _test: TestDb,
    client: Client,
    db: Db,
    owner: Actor,
    project: Uuid,
}

/// A project of ten days that was never built.
async fn scene() -> Scene {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 12).unwrap();
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", "https://git.example/shop.git").await;
    client.execute("update ops.projects set created_at = now() - interval '10 days'", &[]).await.unwrap();
    Scene { _test: test, client, db, owner: Actor::User { user_id: org.owner, claims: None }, project }
}

impl Scene {
    async fn scans(&self, count: usize) -> i64 {
        let opened = futures::future::join_all((0..count).map(|_| self.db.scan_advisories())).await;
        opened.into_iter().map(Result::unwrap).sum()
    }

    async fn only(&self) -> plimsoll_db::advisories::Advisory {
        let mut listed = self.db.list_advisories(&self.owner, self.project).await.unwrap();
        assert_eq!(listed.len(), 1);
        listed.remove(0)
    }
}

#[tokio::test]
async fn scans_at_once_open_each_advisory_once() {
    let scene = scene().await;
    assert_eq!(scene.scans(8).await, 1);
    let advisory = scene.only().await;
    assert_eq!((advisory.key.as_str(), advisory.status.as_str()), ("no_recent_build", "open"));
    assert_eq!(advisory.evidence["days_without_build"], 10);

    // Opened again by another finding: once again.
    scene.db.resolve_advisory(&scene.owner, advisory.id).await.unwrap();
    assert_eq!(scene.scans(4).await, 0);
    let branch = seed::branch(&scene.client, scene.project, "main", "production").await;
    seed::build(&scene.client, branch).await;
    scene.client.execute("update ops.builds set created_at = now() - interval '8 days'", &[]).await.unwrap();
    assert_eq!(scene.scans(8).await, 1);
    let sql = "select count(*) from ops.audit_log where action = 'advisory.opened'";
    assert_eq!(scene.client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 2);
}

#[tokio::test]
async fn people_answer_while_scans_run() {
    let scene = scene().await;
    scene.scans(1).await;
    let id = scene.only().await.id;
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
    let snoozes = futures::future::join_all((0..8).map(|_| scene.db.snooze_advisory(&scene.owner, id, tomorrow)));
    let (opened, snoozed) = futures::join!(scene.scans(4), snoozes);
    snoozed.into_iter().for_each(|answer| answer.unwrap());
    assert_eq!(opened, 0);
    assert_eq!(scene.only().await.status, "snoozed");

    // Of two different answers at once one holds, and the other is told which.
    let (resolved, dismissed) =
        futures::join!(scene.db.resolve_advisory(&scene.owner, id), scene.db.dismiss_advisory(&scene.owner, id));
    assert_eq!(u8::from(resolved.is_ok()) + u8::from(dismissed.is_ok()), 1);
    let status = if resolved.is_ok() { "resolved" } else { "dismissed" };
    let refused = resolved.and(dismissed).unwrap_err();
    let DbError::Conflict(message) = refused else { panic!("{refused:?}") };
    assert!(message.contains(&format!("is {status} and cannot become")), "{message}");
    assert_eq!(scene.only().await.status, status);
}

#[tokio::test]
async fn another_orgs_advisory_is_not_there() {
    let scene = scene().await;
    scene.scans(1).await;
    let id = scene.only().await.id;
    let stranger = Actor::User { user_id: seed::org(&scene.client, "Elsewhere").await.owner, claims: None };
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
    for refused in [
        scene.db.resolve_advisory(&stranger, id).await.unwrap_err(),
        scene.db.dismiss_advisory(&stranger, id).await.unwrap_err(),
        scene.db.snooze_advisory(&stranger, id, tomorrow).await.unwrap_err(),
        scene.db.list_advisories(&stranger, scene.project).await.unwrap_err(),
    ] {
        assert!(matches!(refused, DbError::NotFound(_)), "{refused:?}");
    }
    assert_eq!(scene.only().await.status, "open");
}

//! Builds of lost runners: tried again after a wait, ended after the last attempt, left alone when the runner came back.

use std::sync::Arc;

use plimsoll_core::protocol::Register;
use plimsoll_core::status::SandboxLevel;
use plimsoll_db::queue::{ClaimedRun, NewBuild};
use plimsoll_db::{Actor, Db};
use plimsoll_engine::leases::{promote_due, reap};
use plimsoll_testkit::{TestDb, seed};
use tokio_postgres::Client;
use uuid::Uuid;

struct World {
    _test: TestDb,
    client: Client,
    db: Db,
    runner: Uuid,
    build: Uuid,
}

async fn world() -> World {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 4).unwrap();
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", "https://git.example.com/shop.git").await;
    let branch = seed::branch(&client, project, "main", "production").await;
    let runner = Register {
        name: "runner".into(),
        version: "1".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        host: "here".into(),
        slots: 1,
        sandbox_level: SandboxLevel::None,
    };
    let runner = db.register_runner(None, &runner, &[1; 32]).await.unwrap();
    let build = db.trigger_build(&Actor::Service, &NewBuild::manual(project, branch), None).await.unwrap().build_id;
    World { _test: test, client, db, runner, build }
}

impl World {
    async fn claim(&self) -> Option<ClaimedRun> {
        self.db.claim_for_runner(self.runner, 30).await.unwrap()
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// The database's clock is the one that counts, so time passes by moving what it is compared with.
    async fn let_the_lease_end(&self) {
        self.run(
            "update ops.leases set renewed_at = now() - interval '1 minute', expires_at = now() - interval '1 second'",
        )
        .await;
    }

    async fn status(&self) -> (String, Option<String>) {
        let row = self
            .client
            .query_one("select status, failure_reason from ops.builds where id = $1", &[&self.build])
            .await
            .unwrap();
        (row.get(0), row.get(1))
    }
}

#[tokio::test]
async fn a_lost_build_waits_is_claimed_again_and_its_first_runner_is_fenced() {
    let world = world().await;
    let first = world.claim().await.unwrap();
    assert_eq!(reap(world.db.clone(), Arc::default()).await.unwrap(), 0, "a live lease is left alone");

    world.let_the_lease_end().await;
    assert_eq!(reap(world.db.clone(), Arc::default()).await.unwrap(), 1);
    assert_eq!(world.status().await.0, "queued");
    assert_eq!(reap(world.db.clone(), Arc::default()).await.unwrap(), 0, "once is enough");

    // Full jitter may draw a wait of almost nothing, so the wait is set where it can be seen.
    world.run("update ops.run_queue set next_attempt_at = now() + interval '1 hour', ready = false").await;
    assert!(world.claim().await.is_none(), "not before its time");
    world.run("update ops.run_queue set next_attempt_at = now() - interval '1 second'").await;
    assert_eq!(promote_due(world.db.clone(), Arc::default()).await.unwrap(), 1);
    let second = world.claim().await.expect("its time has come");
    assert_eq!((second.build_id, second.attempt), (first.build_id, 2));
    assert!(second.fencing_token > first.fencing_token);
    assert!(
        world.db.renew_lease(first.build_id, first.fencing_token, 30).await.is_err(),
        "the first runner woke up too late"
    );
}

#[tokio::test]
async fn the_third_loss_is_the_end_with_a_reason() {
    let world = world().await;
    for attempt in 1..=3 {
        assert_eq!(world.claim().await.expect("claimable").attempt, attempt);
        world.let_the_lease_end().await;
        assert_eq!(reap(world.db.clone(), Arc::default()).await.unwrap(), 1);
        world.run("update ops.run_queue set next_attempt_at = now() - interval '1 second' where next_attempt_at is not null").await;
        promote_due(world.db.clone(), Arc::default()).await.unwrap();
    }
    assert_eq!(world.status().await, ("failed".into(), Some("runner_lost".into())));
    assert!(world.claim().await.is_none());
    let again = world.db.rebuild(&Actor::Service, world.build).await.unwrap();
    assert_eq!(world.claim().await.expect("redriven").build_id, again);
}

#[tokio::test]
async fn waiting_claims_are_woken_when_a_run_becomes_claimable() {
    let world = world().await;
    world.claim().await.unwrap();
    world.let_the_lease_end().await;
    let queue = Arc::new(tokio::sync::Notify::new());
    let woken = queue.notified();
    reap(world.db.clone(), queue.clone()).await.unwrap();
    woken.await;
}

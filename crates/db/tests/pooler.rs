//! Everything works through a transaction pooler that gives each transaction another server connection.

use plimsoll_core::log::{Chunk, Kind};
use plimsoll_core::protocol::Register;
use plimsoll_core::status::{BuildStatus, Level, Phase, SandboxLevel};
use plimsoll_db::queue::NewBuild;
use plimsoll_db::{Actor, Db, migrate};
use plimsoll_testkit::pgbouncer::PgBouncer;
use plimsoll_testkit::{TestDb, seed};

#[tokio::test]
async fn the_schema_is_applied_through_it() {
    let test = TestDb::empty().await;
    let pooler = PgBouncer::start(test.direct_url()).await;
    let db = Db::open(pooler.url(), 4).unwrap();
    let report = migrate::apply(&db, migrate::Options::default()).await.unwrap();
    assert!(!report.is_unchanged());
    assert!(migrate::apply(&db, migrate::Options::default()).await.unwrap().is_unchanged());
    assert!(migrate::pending(&db).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_callers_at_once_see_their_own_rows_and_builds_run() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let pooler = PgBouncer::start(test.direct_url()).await;
    let db = Db::open(pooler.url(), 16).unwrap();
    let (ours, theirs) = (seed::org(&client, "Ours").await, seed::org(&client, "Theirs").await);
    let project = seed::project(&client, ours.id, "shop", "https://git.example.com/shop.git").await;
    let branch = seed::branch(&client, project, "main", "production").await;

    // Role and claims are set in the transaction: whichever server connection it lands on, nobody sees a neighbour's.
    let looks = (0..40).map(|n| {
        let db = &db;
        let owner = if n % 2 == 0 { ours.owner } else { theirs.owner };
        async move {
            let seen = db.list_projects(&Actor::User { user_id: owner, claims: None }).await.unwrap();
            assert_eq!(seen.len(), usize::from(n % 2 == 0));
        }
    });
    futures::future::join_all(looks).await;

    let caller = Actor::User { user_id: ours.owner, claims: None };
    let queued = db.trigger_build(&caller, &NewBuild::manual(project, branch), None).await.unwrap();
    let runner = Register {
        name: "runner".into(),
        version: "1".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        host: "here".into(),
        slots: 1,
        sandbox_level: SandboxLevel::None,
    };
    let runner_id = db.register_runner(None, &runner, &[7; 32]).await.unwrap();
    let run = db.claim_for_runner(runner_id, 30).await.unwrap().expect("a build is queued");
    assert_eq!(run.build_id, queued.build_id);
    let chunk = Chunk {
        first_line: run.next_line,
        base_ms: 0,
        dt_ms: vec![0, 1],
        kind: vec![Kind::new(Phase::Build, Level::Info); 2],
        body: "one\ntwo".into(),
        marks: Vec::new(),
    };
    let next = db.append_log_chunk(run.build_id, run.fencing_token, &chunk, 1 << 20).await.unwrap();
    db.renew_lease(run.build_id, run.fencing_token, 30).await.unwrap();
    db.finish_run(run.build_id, run.fencing_token, BuildStatus::Success, None, None, next).await.unwrap();
    let lines = db.log_lines(&caller, run.build_id, 1, 10).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.message.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

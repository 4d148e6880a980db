//! Leases, fencing tokens, lost runners and retries.

use jiff::{SignedDuration, Timestamp};
use plimsoll_core::log::{Chunk, Kind};
use plimsoll_core::protocol::{Commit, TestReport};
use plimsoll_core::status::{ArtifactType, BuildStatus, FailureReason, Level, Phase, SandboxLevel};
use plimsoll_db::queue::ClaimedRun;
use plimsoll_db::runners::NewArtifact;
use plimsoll_db::{DbError, Result};
use uuid::Uuid;

use crate::scene::Scene;

fn chunk(first_line: i64, body: &str) -> Chunk {
    let count = body.split('\n').count();
    Chunk {
        first_line,
        base_ms: 1_700_000_000_000,
        dt_ms: vec![0; count],
        kind: vec![Kind::new(Phase::Build, Level::Info); count],
        body: body.to_owned(),
        marks: Vec::new(),
    }
}

/// Every write a runner makes.
async fn writes(scene: &Scene, build: Uuid, token: i64) -> Vec<Result<()>> {
    let db = &scene.db;
    let commit = Commit {
        sha: "b".repeat(40),
        message: "m".into(),
        author: "a".into(),
        recipe: None,
        sandbox_level: SandboxLevel::None,
    };
    let artifact = NewArtifact {
        r#type: ArtifactType::Report,
        name: "r".into(),
        storage_path: "x".into(),
        size_bytes: 1,
        mime_type: "text/plain".into(),
        sha256: "0".repeat(64),
    };
    let report = TestReport { execution_time_seconds: 1.0, cases: Vec::new() };
    vec![
        db.renew_lease(build, token, 30).await.map(drop),
        db.append_log_chunk(build, token, &chunk(1, "late"), 1 << 20).await.map(drop),
        db.record_commit(build, token, &commit).await,
        db.record_steps(build, token, &[]).await,
        db.record_tests(build, token, &report).await,
        db.record_artifact(build, token, &artifact).await.map(drop),
        db.set_build_status(build, BuildStatus::Failed, None, Some(token)).await,
        db.release_run(build, token, None, "late").await.map(drop),
        db.finish_run(build, token, BuildStatus::Success, None, None, 1).await,
    ]
}

async fn assert_stale(scene: &Scene, run: &ClaimedRun) {
    let before = scene.client.query("select b::text from ops.builds b where id = $1", &[&run.build_id]).await.unwrap();
    for (n, answer) in writes(scene, run.build_id, run.fencing_token).await.into_iter().enumerate() {
        assert!(matches!(answer, Err(DbError::StaleToken)), "write {n} with a stale token: {answer:?}");
    }
    let after = scene.client.query("select b::text from ops.builds b where id = $1", &[&run.build_id]).await.unwrap();
    assert_eq!(before[0].get::<_, String>(0), after[0].get::<_, String>(0));
}

async fn lose(scene: &Scene, run: &ClaimedRun, at: Option<Timestamp>) -> bool {
    let (build, token) = (run.build_id, run.fencing_token);
    match at {
        Some(at) => scene.db.requeue_run(build, token, at, "runner r1 is silent").await.unwrap(),
        None => scene.db.fail_lost_run(build, token, "runner r1 is silent").await.unwrap(),
    }
}

#[tokio::test]
async fn a_runner_past_its_lease_changes_nothing_before_and_after_it_is_reaped() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    let lost = scene.claim().await.unwrap();
    scene.expire(build).await;
    assert_stale(&scene, &lost).await;
    assert!(lose(&scene, &lost, Some(Timestamp::now())).await);
    assert_stale(&scene, &lost).await;
    let next = scene.claim().await.unwrap();
    assert!(next.fencing_token > lost.fencing_token);
    assert_eq!((next.build_id, next.attempt), (build, 2));
    assert_stale(&scene, &lost).await;
    scene.succeed(&next).await;
    assert_stale(&scene, &lost).await;
    scene.assert_consistent().await;

    scene.db.record_fenced_write(build, lost.fencing_token, "append", None).await.unwrap();
    let row = scene.client.query_one("select token, operation, runner_id from ops.fenced_writes", &[]).await.unwrap();
    let recorded: (i64, String, String) = (row.get(0), row.get(1), row.get(2));
    assert_eq!(recorded, (lost.fencing_token, "append".to_owned(), scene.runner.to_string()));
}

#[tokio::test]
async fn a_renewed_lease_is_not_taken_away() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    let run = scene.claim().await.unwrap();
    assert!(!lose(&scene, &run, Some(Timestamp::now())).await, "a live lease was reaped");
    scene.expire(build).await;
    let expired = scene.db.expired_leases(10).await.unwrap();
    assert_eq!(expired.len(), 1);
    assert_eq!((expired[0].build_id, expired[0].attempt, expired[0].max_attempts), (build, 1, 3));
    // The reaper decided on what it read; the runner's renewal came in between.
    let sql = "update ops.leases set expires_at = clock_timestamp() + interval '30 seconds' where build_id = $1";
    scene.client.execute(sql, &[&build]).await.unwrap();
    assert!(!lose(&scene, &run, Some(Timestamp::now())).await);
    assert!(!lose(&scene, &run, None).await);
    scene.succeed(&run).await;
    scene.assert_consistent().await;
}

#[tokio::test]
async fn a_lost_build_waits_its_backoff_and_is_promoted_when_it_is_over() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (build, behind) = (scene.trigger(main).await, scene.trigger(main).await);
    let run = scene.claim().await.unwrap();
    scene.db.append_log_chunk(build, run.fencing_token, &chunk(1, "one\ntwo"), 1 << 20).await.unwrap();
    scene.expire(build).await;
    assert!(lose(&scene, &run, Some(Timestamp::now() + SignedDuration::from_mins(5))).await);
    assert_eq!(scene.status(build).await, "queued");
    assert!(scene.claim().await.is_none(), "neither it nor the build behind it may start");
    assert_eq!(scene.db.promote_due_runs().await.unwrap(), 0);
    let sql = "update ops.run_queue set next_attempt_at = clock_timestamp() where build_id = $1";
    scene.client.execute(sql, &[&build]).await.unwrap();
    assert_eq!(scene.db.promote_due_runs().await.unwrap(), 1);
    scene.assert_consistent().await;
    let again = scene.claim().await.unwrap();
    // Two lines of the build, one that says how the attempt ended, one that says that the next begins.
    assert_eq!((again.build_id, again.attempt, again.next_line), (build, 2, 5));
    let lines = scene.db.log_lines(&scene.owner(), build, 1, 100).await.unwrap();
    let text: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(text[..2], ["one", "two"]);
    assert!(text[2].contains("attempt 1 of 3 ended: runner r1 is silent"), "{text:?}");
    assert!(text[3].contains("attempt 2 of 3 starts"), "{text:?}");
    scene.succeed(&again).await;
    assert_eq!(scene.drain().await, [behind]);
}

#[tokio::test]
async fn attempts_end_in_a_dead_end_with_a_reason_and_a_rebuild_redrives_it() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    for attempt in 1..=3 {
        let run = scene.claim().await.unwrap();
        assert_eq!(run.attempt, attempt);
        scene.expire(build).await;
        // Even when asked for: there is no fourth attempt.
        assert!(lose(&scene, &run, Some(Timestamp::now())).await);
    }
    let stand = scene.stand(build).await;
    assert_eq!((stand.status.as_str(), stand.reason.as_deref()), ("failed", Some("runner_lost")));
    assert!(stand.message.as_deref().unwrap().contains("attempt 3 of 3: runner r1 is silent"), "{stand:?}");
    let row = scene.client.query_one("select status from ops.branches", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "error");
    let again = scene.db.rebuild(&scene.owner(), build).await.unwrap();
    assert_eq!(scene.drain().await, [again]);
    scene.assert_consistent().await;
}

#[tokio::test]
async fn a_runner_gives_a_build_back_that_it_cannot_run() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    let run = scene.claim().await.unwrap();
    let at = Some(Timestamp::now() - SignedDuration::from_secs(1));
    let status = scene.db.release_run(build, run.fencing_token, at, "disk full").await.unwrap();
    assert_eq!(status, BuildStatus::Queued);
    // The answer was lost on its way, the runner asks again.
    assert_eq!(scene.db.release_run(build, run.fencing_token, at, "disk full").await.unwrap(), BuildStatus::Queued);
    let run = scene.claim().await.unwrap();
    assert_eq!(scene.db.release_run(build, run.fencing_token, None, "disk full").await.unwrap(), BuildStatus::Failed);
    assert_eq!(scene.stand(build).await.reason.as_deref(), Some("infrastructure"));
    scene.assert_consistent().await;
}

#[tokio::test]
async fn a_lost_build_that_was_to_stop_is_cancelled_not_retried() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    let run = scene.claim().await.unwrap();
    scene.db.request_cancel(&scene.owner(), build).await.unwrap();
    scene.expire(build).await;
    assert!(lose(&scene, &run, Some(Timestamp::now())).await);
    let stand = scene.stand(build).await;
    assert_eq!((stand.status.as_str(), stand.reason.as_deref()), ("cancelled", Some("cancelled")));
    scene.assert_consistent().await;
}

#[tokio::test]
async fn finishing_twice_is_once_and_missing_lines_are_asked_for() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    let run = scene.claim().await.unwrap();
    let (db, token) = (&scene.db, run.fencing_token);
    db.append_log_chunk(build, token, &chunk(1, "one"), 1 << 20).await.unwrap();
    let early = db.finish_run(build, token, BuildStatus::Success, None, None, 3).await;
    assert!(matches!(early, Err(DbError::LineGap { next_line: 2 })), "{early:?}");
    let failed =
        |next| db.finish_run(build, token, BuildStatus::Failed, Some(FailureReason::TimedOut), Some("slow"), next);
    failed(2).await.unwrap();
    failed(2).await.unwrap();
    let other = db.finish_run(build, token, BuildStatus::Success, None, None, 2).await;
    assert!(matches!(other, Err(DbError::StaleToken)), "{other:?}");
    let stand = scene.stand(build).await;
    assert_eq!(
        (stand.status.as_str(), stand.reason.as_deref(), stand.message.as_deref()),
        ("failed", Some("timed_out"), Some("slow"))
    );
    let sql = "select q.status, b.log_lines, b.duration_seconds is not null, br.last_build_id
        from ops.run_queue q join ops.builds b on b.id = q.build_id join ops.branches br on br.id = b.branch_id";
    let row = scene.client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i64>(1), row.get::<_, bool>(2)), ("failed", 1, true));
    assert_eq!(row.get::<_, Uuid>(3), build);
}

#[tokio::test]
async fn no_index_holds_a_column_of_a_lease_that_changes() {
    let scene = Scene::new().await;
    // Then renewing and appending update the row in its page (HOT) and touch no index.
    let indexed =
        "select count(*) from pg_attribute a join pg_index i on i.indrelid = a.attrelid and a.attnum = any(i.indkey)
        where a.attrelid = 'ops.leases'::regclass and a.attname <> 'build_id'";
    assert_eq!(scene.client.query_one(indexed, &[]).await.unwrap().get::<_, i64>(0), 0);
}

//! Runners that know the contract functions only, and no tokens.

use plimsoll_core::status::{BuildStatus, Level, Phase};
use plimsoll_db::logs::NewEvent;
use plimsoll_db::{DbError, Result};
use serde_json::json;
use uuid::Uuid;

use crate::scene::Scene;

async fn event(scene: &Scene, build: Uuid, message: &str, token: Option<i64>) -> Result<i64> {
    let event = NewEvent { phase: Phase::Build, level: Level::Info, message, meta: &json!({}) };
    scene.db.append_build_event(build, event, token).await
}

#[tokio::test]
async fn a_runner_without_tokens_claims_writes_and_finishes() {
    let scene = Scene::new().await;
    let build = scene.trigger(scene.branch("main", "production").await).await;
    let claimed = scene.db.claim_next_run("old-runner").await.unwrap().unwrap();
    assert_eq!((claimed.build_id, claimed.project_id), (build, scene.project));
    assert!(scene.db.claim_next_run("other").await.unwrap().is_none());
    assert_eq!(scene.status(build).await, "queued");
    scene.db.set_build_status(build, BuildStatus::Running, None, None).await.unwrap();
    let first = event(&scene, build, "hello", None).await.unwrap();
    assert_eq!(event(&scene, build, "again", None).await.unwrap(), first + 1);
    // It sends no heartbeat: its writes hold the lease, and silence is allowed for longer.
    let sql = "select extract(epoch from expires_at - clock_timestamp())::float8 from ops.leases";
    assert!(scene.client.query_one(sql, &[]).await.unwrap().get::<_, f64>(0) > 600.0);
    scene.db.set_build_status(build, BuildStatus::Success, None, None).await.unwrap();
    assert_eq!(scene.status(build).await, "success");
    scene.assert_consistent().await;
}

#[tokio::test]
async fn without_a_token_nothing_is_written_to_a_build_that_a_token_holds() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (by_server, by_name) = (scene.trigger(main).await, scene.trigger(main).await);
    let run = scene.claim().await.unwrap();
    assert_eq!(run.build_id, by_server);
    assert!(matches!(event(&scene, by_server, "x", None).await, Err(DbError::Conflict(_))));
    let refused = scene.db.set_build_status(by_server, BuildStatus::Failed, None, None).await;
    assert!(matches!(refused, Err(DbError::Conflict(_))), "{refused:?}");
    scene.succeed(&run).await;

    // One that shows its token once is held to it from then on.
    let claimed = scene.db.claim_next_run("new-runner").await.unwrap().unwrap();
    let token = Some(claimed.fencing_token);
    assert_eq!(claimed.build_id, by_name);
    event(&scene, by_name, "with", token).await.unwrap();
    assert!(matches!(event(&scene, by_name, "without", None).await, Err(DbError::Conflict(_))));
    let stale = event(&scene, by_name, "wrong", Some(claimed.fencing_token + 1)).await;
    assert!(matches!(stale, Err(DbError::StaleToken)), "{stale:?}");
    scene.db.set_build_status(by_name, BuildStatus::Running, None, token).await.unwrap();
    scene.db.set_build_status(by_name, BuildStatus::Failed, Some("broken"), token).await.unwrap();
    assert_eq!(scene.stand(by_name).await.message.as_deref(), Some("broken"));
    scene.assert_consistent().await;
}

#[tokio::test]
async fn a_build_past_the_queue_can_be_run_and_ended_by_hand() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let build = plimsoll_testkit::seed::build(&scene.client, main).await;
    event(&scene, build, "before", None).await.unwrap();
    scene.db.set_build_status(build, BuildStatus::Running, None, None).await.unwrap();
    event(&scene, build, "during", None).await.unwrap();
    scene.db.set_build_status(build, BuildStatus::Success, None, None).await.unwrap();
    let lines = scene.db.log_lines(&scene.owner(), build, 1, 10).await.unwrap();
    assert_eq!(lines.iter().map(|l| (l.line, l.message.as_str())).collect::<Vec<_>>(), [(1, "before"), (2, "during")]);
    // Started past the queue, a queued build is not handed out as well.
    let queued = scene.trigger(main).await;
    scene.db.set_build_status(queued, BuildStatus::Running, None, None).await.unwrap();
    assert!(scene.claim().await.is_none());
}

#[tokio::test]
async fn a_claim_written_into_the_table_holds_the_branch() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (build, behind) = (scene.trigger(main).await, scene.trigger(main).await);
    let sql = "update ops.run_queue set status = 'claimed', claimed_by = 'me', claimed_at = now() where build_id = $1";
    scene.client.execute(sql, &[&build]).await.unwrap();
    assert!(scene.claim().await.is_none());
    scene.db.set_build_status(build, BuildStatus::Running, None, None).await.unwrap();
    assert!(scene.claim().await.is_none());
    scene.db.set_build_status(build, BuildStatus::Success, None, None).await.unwrap();
    assert_eq!(scene.drain().await, [behind]);
    scene.assert_consistent().await;
}

#[tokio::test]
async fn statuses_move_along_and_an_error_names_both_states() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (build, token) = (scene.trigger(main).await, None);
    let set = |status| scene.db.set_build_status(build, status, None, token);
    let refused = async |from: &str, to: BuildStatus| {
        let error = set(to).await.unwrap_err();
        assert!(matches!(&error, DbError::Conflict(m) if m.contains(from) && m.contains(to.as_str())), "{error}");
    };
    for to in [BuildStatus::Success, BuildStatus::Failed, BuildStatus::Queued] {
        refused("queued", to).await;
    }
    scene.db.claim_next_run("r").await.unwrap().unwrap();
    set(BuildStatus::Running).await.unwrap();
    refused("running", BuildStatus::Running).await;
    refused("running", BuildStatus::Queued).await;
    set(BuildStatus::Failed).await.unwrap();
    for to in BuildStatus::ALL {
        refused("failed", *to).await;
    }
    let unknown = scene.db.set_build_status(Uuid::new_v4(), BuildStatus::Running, None, None).await;
    assert!(matches!(unknown, Err(DbError::NotFound(_))));
}

//! Newest commit wins, cancel, rebuild, and rows that outside clients write themselves.

use plimsoll_core::status::{BuildStatus, FailureReason};
use plimsoll_db::queue::Cancel;
use plimsoll_db::{Actor, DbError};
use plimsoll_testkit::seed;
use uuid::Uuid;

use crate::scene::Scene;

#[tokio::test]
async fn the_newest_commit_wins_on_staging_and_development() {
    let scene = Scene::new().await;
    for stage in ["staging", "development"] {
        let branch = scene.branch(stage, stage).await;
        let running = scene.trigger(branch).await;
        let lease = scene.claim().await.unwrap();
        let older = scene.trigger(branch).await;
        let newest = scene.trigger(branch).await;
        let superseded = scene.stand(older).await;
        assert_eq!((superseded.status.as_str(), superseded.reason.as_deref()), ("cancelled", Some("superseded")));
        assert_eq!(
            superseded.message.as_deref(),
            Some(if stage == "staging" {
                "build #3 of the branch took its place"
            } else {
                "build #6 of the branch took its place"
            })
        );
        let renewed = scene.db.renew_lease(running, lease.fencing_token, 30).await.unwrap();
        assert_eq!(renewed.cancel_reason, Some(FailureReason::Superseded));
        assert_eq!(scene.status(running).await, "running");
        scene
            .db
            .finish_run(running, lease.fencing_token, BuildStatus::Cancelled, renewed.cancel_reason, None, 1)
            .await
            .unwrap();
        assert_eq!(scene.stand(running).await.reason.as_deref(), Some("superseded"));
        assert_eq!(scene.drain().await, [newest]);
    }
    scene.assert_consistent().await;
}

#[tokio::test]
async fn an_older_build_queued_late_gives_way_to_the_newer_one() {
    let scene = Scene::new().await;
    let branch = scene.branch("dev", "development").await;
    let (older, newer) = (seed::build(&scene.client, branch).await, seed::build(&scene.client, branch).await);
    scene.db.enqueue_build(&scene.owner(), newer, 5).await.unwrap();
    scene.db.enqueue_build(&scene.owner(), older, 1).await.unwrap();
    let stand = scene.stand(older).await;
    assert_eq!(stand.reason.as_deref(), Some("superseded"));
    assert_eq!(stand.message.as_deref(), Some("build #2 of the branch is newer"));
    assert_eq!(scene.drain().await, [newer]);
    scene.assert_consistent().await;
}

#[tokio::test]
async fn enqueueing_twice_is_once_and_an_ended_build_is_not_queued_again() {
    let scene = Scene::new().await;
    let branch = scene.branch("main", "production").await;
    let build = seed::build(&scene.client, branch).await;
    let queue_id = scene.db.enqueue_build(&scene.owner(), build, 5).await.unwrap();
    assert_eq!(scene.db.enqueue_build(&scene.owner(), build, 3).await.unwrap(), queue_id);
    scene.drain().await;
    let error = scene.db.enqueue_build(&scene.owner(), build, 5).await.unwrap_err();
    assert!(matches!(&error, DbError::Conflict(m) if m.contains("success") && m.contains("queued")), "{error}");
    let error = scene.db.enqueue_build(&scene.owner(), build, 11).await.unwrap_err();
    assert!(matches!(&error, DbError::Invalid(m) if m.contains("11")), "{error}");
}

#[tokio::test]
async fn strangers_see_nothing_and_viewers_may_not_queue() {
    let scene = Scene::new().await;
    let branch = scene.branch("main", "production").await;
    let build = seed::build(&scene.client, branch).await;
    let (other, ..) = scene.foreign_branch("Other").await;
    let stranger = Actor::User { user_id: other.owner, claims: None };
    let viewer = Actor::User { user_id: seed::member(&scene.client, scene.org.id, "viewer").await, claims: None };
    let queued = scene.trigger(branch).await;
    for (actor, visible) in [(&stranger, false), (&viewer, true)] {
        let refused = [
            scene.db.enqueue_build(actor, build, 5).await.map(drop),
            scene.db.request_cancel(actor, queued).await.map(drop),
            scene.db.rebuild(actor, queued).await.map(drop),
            scene.db.set_org_limit(actor, scene.org.id, 9).await,
        ];
        for answer in refused {
            match answer.unwrap_err() {
                DbError::NotFound(_) if !visible => {}
                DbError::Forbidden(_) if visible => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(scene.db.why_queued(actor, queued).await.is_ok(), visible);
    }
    assert!(matches!(scene.db.enqueue_build(&scene.owner(), Uuid::new_v4(), 5).await, Err(DbError::NotFound(_))));
    assert!(matches!(scene.db.enqueue_build(&Actor::Anonymous, build, 5).await, Err(DbError::Forbidden(_))));
}

#[tokio::test]
async fn cancel_ends_a_queued_build_at_once_and_asks_a_running_one() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (running, queued) = (scene.trigger(main).await, scene.trigger(main).await);
    let lease = scene.claim().await.unwrap();
    assert_eq!(scene.db.request_cancel(&scene.owner(), queued).await.unwrap(), Cancel::Cancelled);
    assert_eq!(scene.db.request_cancel(&scene.owner(), queued).await.unwrap(), Cancel::Cancelled);
    assert_eq!(scene.stand(queued).await.reason.as_deref(), Some("cancelled"));
    assert_eq!(scene.db.request_cancel(&scene.owner(), running).await.unwrap(), Cancel::Cancelling);
    assert_eq!(scene.status(running).await, "running");
    let renewed = scene.db.renew_lease(running, lease.fencing_token, 30).await.unwrap();
    assert_eq!(renewed.cancel_reason, Some(FailureReason::Cancelled));
    scene.db.finish_run(running, lease.fencing_token, BuildStatus::Cancelled, None, Some("stopped"), 1).await.unwrap();
    let stand = scene.stand(running).await;
    assert_eq!((stand.status.as_str(), stand.reason.as_deref()), ("cancelled", Some("cancelled")));

    let done = scene.trigger(main).await;
    scene.drain().await;
    let error = scene.db.request_cancel(&scene.owner(), done).await.unwrap_err();
    assert!(matches!(&error, DbError::Conflict(m) if m.contains("success") && m.contains("cancelled")), "{error}");
    scene.assert_consistent().await;
}

#[tokio::test]
async fn cancelling_the_first_of_a_branch_readies_the_next() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (first, second) = (scene.trigger(main).await, scene.trigger(main).await);
    scene.db.request_cancel(&scene.owner(), first).await.unwrap();
    scene.assert_consistent().await;
    assert_eq!(scene.drain().await, [second]);
    let last = scene.trigger(main).await;
    scene.db.request_cancel(&scene.owner(), last).await.unwrap();
    scene.assert_consistent().await;
    assert!(scene.claim().await.is_none());
}

#[tokio::test]
async fn a_rebuild_is_a_new_build_of_the_same_commit() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let build = scene.trigger(main).await;
    let error = scene.db.rebuild(&scene.owner(), build).await.unwrap_err();
    assert!(matches!(&error, DbError::Conflict(m) if m.contains("queued")), "{error}");
    let sql = "update ops.builds set commit_sha = repeat('a', 40), params = '{\"env\": \"dev\"}' where id = $1";
    scene.client.execute(sql, &[&build]).await.unwrap();
    scene.drain().await;
    let again = scene.db.rebuild(&scene.owner(), build).await.unwrap();
    let run = scene.claim().await.unwrap();
    assert_eq!((run.build_id, run.build_number), (again, 2));
    assert_eq!(run.commit_sha, Some("a".repeat(40)));
    assert_eq!(run.params["env"], "dev");
    let sql = "select rebuild_of, created_by from ops.builds where id = $1";
    let row = scene.client.query_one(sql, &[&again]).await.unwrap();
    assert_eq!((row.get::<_, Uuid>(0), row.get::<_, Uuid>(1)), (build, scene.org.owner));
}

#[tokio::test]
async fn rows_that_clients_insert_themselves_are_filled_from_their_parents() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let sql = "insert into ops.builds (project_id, branch_id, commit_message) values ($1, $2, 'by hand') returning id, org_id, build_number";
    let first = scene.client.query_one(sql, &[&scene.project, &main]).await.unwrap();
    let second = scene.client.query_one(sql, &[&scene.project, &main]).await.unwrap();
    assert_eq!((first.get::<_, Uuid>(1), first.get::<_, i32>(2)), (scene.org.id, 1));
    assert_eq!(second.get::<_, i32>(2), 2);
    let sql = "insert into ops.builds (project_id, branch_id, build_number) values ($1, $2, 10) returning build_number";
    scene.client.query_one(sql, &[&scene.project, &main]).await.unwrap();
    assert_eq!(
        scene
            .db
            .trigger_build(&scene.owner(), &plimsoll_db::queue::NewBuild::manual(scene.project, main), None)
            .await
            .unwrap()
            .build_number,
        11
    );

    let (other, ..) = scene.foreign_branch("Other").await;
    let wrong = "insert into ops.builds (org_id, project_id, branch_id) values ($1, $2, $3)";
    assert!(
        scene.client.execute(wrong, &[&other.id, &scene.project, &main]).await.is_err(),
        "another org's row was taken"
    );

    let insert = "insert into ops.run_queue (build_id, priority) values ($1, 5) returning org_id, ready";
    let dev = scene.branch("dev", "development").await;
    let by_hand = seed::build(&scene.client, dev).await;
    let row = scene.client.query_one(insert, &[&by_hand]).await.unwrap();
    assert_eq!((row.get::<_, Uuid>(0), row.get::<_, bool>(1)), (scene.org.id, true));
    scene.assert_consistent().await;
    assert!(scene.drain().await.contains(&by_hand));
}

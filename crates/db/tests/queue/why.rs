//! "Why is it queued?" has an answer for every reason.

use jiff::{SignedDuration, Timestamp};
use plimsoll_db::queue::{WaitReason, WhyQueued};
use uuid::Uuid;

use crate::scene::Scene;

async fn why(scene: &Scene, build: Uuid) -> WhyQueued {
    scene.db.why_queued(&scene.owner(), build).await.unwrap()
}

#[tokio::test]
async fn every_reason_has_a_sentence_with_its_figures() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let first = scene.trigger(main).await;

    let answer = why(&scene, first).await;
    assert_eq!((answer.reason, answer.position), (WaitReason::Waiting, Some(1)));
    assert_eq!(answer.message, "It is next: it starts as soon as a runner is free.");

    scene.client.execute("update ops.runners set last_seen_at = now() - interval '2 minutes'", &[]).await.unwrap();
    let answer = why(&scene, first).await;
    assert_eq!(answer.reason, WaitReason::NoRunner);
    assert!(answer.message.contains("plimsoll runner"), "{answer:?}");
    scene.client.execute("update ops.runners set last_seen_at = now()", &[]).await.unwrap();

    let second = scene.trigger(main).await;
    let run = scene.claim().await.unwrap();
    let answer = why(&scene, second).await;
    assert_eq!((answer.reason, answer.blocking_build_id), (WaitReason::BranchBusy, Some(first)));
    assert_eq!(answer.message, "Build #1 of main is running: a branch builds one at a time.");

    scene.db.set_org_limit(&scene.owner(), scene.org.id, 1).await.unwrap();
    let dev = scene.trigger(scene.branch("dev", "development").await).await;
    let answer = why(&scene, dev).await;
    assert_eq!((answer.reason, answer.running, answer.limit), (WaitReason::OrgLimit, 1, 1));
    assert!(answer.message.contains("1 of at most 1 builds"), "{answer:?}");
    scene.db.set_org_limit(&scene.owner(), scene.org.id, 4).await.unwrap();

    scene.expire(first).await;
    let at = Timestamp::now() + SignedDuration::from_secs(100);
    scene.db.requeue_run(first, run.fencing_token, at, "runner r1 is silent").await.unwrap();
    let answer = why(&scene, first).await;
    assert_eq!(answer.reason, WaitReason::Backoff);
    assert!(answer.message.starts_with("Attempt 1 of 3 ended without a result (runner r1 is silent)."), "{answer:?}");
    assert_eq!(answer.next_attempt_at.map(Timestamp::as_second), Some(at.as_second()));

    let answer = why(&scene, second).await;
    assert_eq!(
        (answer.reason, answer.blocking_build_id, answer.position),
        (WaitReason::BranchBusy, Some(first), Some(2))
    );
    assert_eq!(answer.message, "Build #1 of main goes first: a branch builds one at a time, in order.");

    scene.db.request_cancel(&scene.owner(), first).await.unwrap();
    let answer = why(&scene, first).await;
    assert_eq!((answer.reason, answer.position), (WaitReason::NotQueued, None));
    assert_eq!(answer.message, "Build #1 is not waiting: it is cancelled.");
    let never = plimsoll_testkit::seed::build(&scene.client, main).await;
    assert!(why(&scene, never).await.message.contains("never put into the queue"));
    scene.db.claim_next_run("by-name").await.unwrap();
    assert!(why(&scene, second).await.message.contains("runner by-name has claimed it"));
}

#[tokio::test]
async fn the_estimate_comes_from_the_branchs_builds() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    for _ in 0..3 {
        scene.trigger(main).await;
    }
    scene.drain().await;
    scene.client.execute("update ops.builds set duration_seconds = 60", &[]).await.unwrap();
    let builds = [scene.trigger(main).await, scene.trigger(main).await];
    assert_eq!(why(&scene, builds[0]).await.estimate_seconds, Some(0.0));
    assert_eq!(why(&scene, builds[1]).await.estimate_seconds, Some(60.0));
}

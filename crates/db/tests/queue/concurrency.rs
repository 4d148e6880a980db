//! Many at once.

use std::collections::HashSet;

use futures::future::join_all;
use plimsoll_db::Actor;
use plimsoll_db::queue::NewBuild;
use uuid::Uuid;

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_build_is_claimed_twice_and_none_is_left() {
    let scene = Scene::new().await;
    let mut branches = Vec::new();
    for n in 0..5 {
        let (org, project, main) = scene.foreign_branch(&format!("Org {n}")).await;
        scene.db.set_org_limit(&Actor::Service, org.id, 3).await.unwrap();
        branches.push((project, main));
        for b in 0..4 {
            branches.push((
                project,
                plimsoll_testkit::seed::branch(&scene.client, project, &format!("b{b}"), "staging").await,
            ));
        }
    }
    // Eight that claim and finish while eight others enqueue.
    let claimed = tokio::sync::Mutex::new(Vec::<Uuid>::new());
    let produced = std::sync::atomic::AtomicUsize::new(0);
    let (db, runner, branches) = (&scene.db, scene.runner, &branches);
    let producers = join_all((0..8).map(|n| {
        let produced = &produced;
        async move {
            for i in 0..25 {
                let (project, branch) = branches[(n * 7 + i * 3) % branches.len()];
                db.trigger_build(&Actor::Service, &NewBuild::manual(project, branch), None).await.unwrap();
            }
            produced.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }));
    let consumers = join_all((0..8).map(|_| async {
        loop {
            let all_produced = produced.load(std::sync::atomic::Ordering::SeqCst) == 8;
            match db.claim_for_runner(runner, 30).await.unwrap() {
                Some(run) => {
                    claimed.lock().await.push(run.build_id);
                    scene.succeed(&run).await;
                }
                None if all_produced => break,
                None => tokio::task::yield_now().await,
            }
        }
    }));
    futures::join!(producers, consumers);
    scene.drain().await;
    let claimed = claimed.into_inner();
    let distinct: HashSet<Uuid> = claimed.iter().copied().collect();
    assert_eq!(distinct.len(), claimed.len(), "a build was claimed twice");
    let sql = "select count(*) filter (where status not in ('success', 'cancelled')), count(*) from ops.builds";
    let row = scene.client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (0, 200));
    scene.assert_consistent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_enqueued_at_once_on_a_branch_the_newest_is_left() {
    let scene = Scene::new().await;
    let dev = scene.branch("dev", "development").await;
    let (owner, new) = (scene.owner(), NewBuild::manual(scene.project, dev));
    let made = join_all((0..16).map(|_| scene.db.trigger_build(&owner, &new, None))).await;
    let newest = made.iter().map(|made| made.as_ref().unwrap()).max_by_key(|made| made.build_number).unwrap();
    assert_eq!(newest.build_number, 16);
    scene.assert_consistent().await;
    assert_eq!(scene.drain().await, [newest.build_id]);
    let sql = "select count(*) from ops.builds where failure_reason = 'superseded'";
    assert_eq!(scene.client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finish_reap_and_cancel_at_once_give_a_build_one_end() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    for round in 0..10 {
        let build = scene.trigger(main).await;
        let run = scene.claim().await.unwrap();
        if round % 2 == 0 {
            scene.expire(build).await;
        }
        let (db, owner) = (&scene.db, scene.owner());
        let finish =
            db.finish_run(build, run.fencing_token, plimsoll_core::status::BuildStatus::Success, None, None, 1);
        let (finished, reaped, _cancelled) = futures::join!(
            finish,
            db.fail_lost_run(build, run.fencing_token, "silent"),
            db.request_cancel(&owner, build)
        );
        assert!(finished.is_ok() != reaped.unwrap(), "one of them ends it");
        let sql = "select count(*) from ops.build_attempts where build_id = $1";
        assert_eq!(scene.client.query_one(sql, &[&build]).await.unwrap().get::<_, i64>(0), 1);
        scene.assert_consistent().await;
    }
}

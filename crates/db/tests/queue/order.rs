//! Which build is next.

use plimsoll_db::Actor;
use plimsoll_db::queue::NewBuild;
use uuid::Uuid;

use crate::scene::Scene;

/// Makes a build look as if it had been queued so many minutes earlier.
async fn age(scene: &Scene, build: Uuid, minutes: i32) {
    let sql = "update ops.run_queue set rank = rank - make_interval(mins => $2) where build_id = $1";
    scene.client.execute(sql, &[&build, &minutes]).await.unwrap();
    let sql = "update ops.queue_lanes l set head_rank = (select min(rank) from ops.run_queue q where q.org_id = l.org_id and q.ready)";
    scene.client.execute(sql, &[]).await.unwrap();
}

#[tokio::test]
async fn production_goes_before_staging_before_development() {
    let scene = Scene::new().await;
    let development = scene.trigger(scene.branch("dev", "development").await).await;
    let staging = scene.trigger(scene.branch("staging", "staging").await).await;
    let production = scene.trigger(scene.branch("main", "production").await).await;
    assert_eq!(scene.drain().await, [production, staging, development]);
    scene.assert_consistent().await;
}

#[tokio::test]
async fn waiting_long_enough_overtakes_any_stage() {
    let scene = Scene::new().await;
    let old = scene.trigger(scene.branch("dev", "development").await).await;
    let not_so_old = scene.trigger(scene.branch("dev2", "development").await).await;
    let production = scene.trigger(scene.branch("main", "production").await).await;
    age(&scene, old, 21).await;
    age(&scene, not_so_old, 19).await;
    assert_eq!(scene.drain().await, [old, production, not_so_old]);
}

#[tokio::test]
async fn priority_is_worth_two_minutes_a_step() {
    let scene = Scene::new().await;
    let urgent = NewBuild { priority: 1, ..NewBuild::manual(scene.project, scene.branch("a", "staging").await) };
    let usual = scene.trigger(scene.branch("b", "staging").await).await;
    let older = scene.trigger(scene.branch("c", "staging").await).await;
    age(&scene, older, 9).await;
    let urgent = scene.db.trigger_build(&Actor::Service, &urgent, None).await.unwrap().build_id;
    assert_eq!(scene.drain().await, [older, urgent, usual]);
}

#[tokio::test]
async fn production_builds_of_a_branch_end_in_their_order_one_at_a_time() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let builds = [scene.trigger(main).await, scene.trigger(main).await, scene.trigger(main).await];
    let first = scene.claim().await.unwrap();
    assert_eq!(first.build_id, builds[0]);
    assert!(scene.claim().await.is_none(), "a branch builds one at a time");
    scene.succeed(&first).await;
    assert_eq!(scene.drain().await, builds[1..]);
    scene.assert_consistent().await;
}

#[tokio::test]
async fn an_org_runs_no_more_than_its_limit() {
    let scene = Scene::new().await;
    for n in 0..6 {
        scene.trigger(scene.branch(&format!("b{n}"), "staging").await).await;
    }
    scene.db.set_org_limit(&scene.owner(), scene.org.id, 2).await.unwrap();
    let first = scene.claim().await.unwrap();
    scene.claim().await.unwrap();
    assert!(scene.claim().await.is_none());
    scene.succeed(&first).await;
    assert!(scene.claim().await.is_some());
    assert!(scene.claim().await.is_none());
    // Lowering the limit stops nothing that runs, raising it takes effect at once.
    scene.db.set_org_limit(&scene.owner(), scene.org.id, 0).await.unwrap();
    assert!(scene.claim().await.is_none());
    scene.db.set_org_limit(&scene.owner(), scene.org.id, 3).await.unwrap();
    assert!(scene.claim().await.is_some());
    scene.assert_consistent().await;
}

#[tokio::test]
async fn an_org_with_a_thousand_builds_delays_another_by_one_turn_at_most() {
    let scene = Scene::new().await;
    scene.db.set_org_limit(&Actor::Service, scene.org.id, 10_000).await.unwrap();
    let flood = "insert into ops.branches (org_id, project_id, name, stage)
        select org_id, id, 'b' || n, 'staging' from ops.projects, generate_series(1, 1000) n where id = $1";
    scene.client.execute(flood, &[&scene.project]).await.unwrap();
    let all = "select ops.trigger_build(project_id, id) from ops.branches where project_id = $1";
    assert_eq!(scene.client.query(all, &[&scene.project]).await.unwrap().len(), 1000);
    for _ in 0..3 {
        assert_eq!(scene.claim().await.unwrap().org_id, scene.org.id);
    }
    let (other, project, branch) = scene.foreign_branch("Small").await;
    let late = scene.trigger_in(project, branch).await;
    let next = [scene.claim().await.unwrap(), scene.claim().await.unwrap()];
    assert!(next.iter().any(|run| run.build_id == late && run.org_id == other.id), "{next:?}");

    // Three more orgs, the least urgent stage, each once before the flood goes on twice.
    let mut waiting = Vec::new();
    for name in ["One", "Two", "Three"] {
        let (_, project, _) = scene.foreign_branch(name).await;
        let branch = plimsoll_testkit::seed::branch(&scene.client, project, "dev", "development").await;
        waiting.push(scene.trigger_in(project, branch).await);
    }
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(scene.claim().await.unwrap());
    }
    assert!(turns.iter().filter(|run| run.org_id == scene.org.id).count() <= 1);
    assert!(waiting.iter().all(|build| turns.iter().any(|run| run.build_id == *build)));
    scene.assert_consistent().await;
}

#[tokio::test]
async fn a_runner_of_an_org_serves_that_org_only() {
    let scene = Scene::new().await;
    let (other, project, branch) = scene.foreign_branch("Other").await;
    let ours = scene.trigger(scene.branch("main", "production").await).await;
    let theirs = scene.trigger_in(project, branch).await;
    let bound = scene.db.register_runner(Some(other.id), &crate::scene::runner("bound"), &[2; 32]).await.unwrap();
    assert_eq!(scene.db.claim_for_runner(bound, 30).await.unwrap().unwrap().build_id, theirs);
    assert!(scene.db.claim_for_runner(bound, 30).await.unwrap().is_none());
    assert_eq!(scene.claim().await.unwrap().build_id, ours);
    scene.db.remove_runner(&Actor::Service, bound).await.unwrap();
    assert!(matches!(scene.db.claim_for_runner(bound, 30).await, Err(plimsoll_db::DbError::Forbidden(_))));
}

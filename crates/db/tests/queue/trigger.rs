//! Triggers that may be sent twice.

use plimsoll_core::status::Trigger;
use plimsoll_db::queue::{Idempotency, NewBuild};
use plimsoll_db::{Actor, DbError};
use plimsoll_testkit::seed;
use uuid::Uuid;

use crate::scene::Scene;

async fn builds(scene: &Scene) -> i64 {
    scene.client.query_one("select count(*) from ops.builds", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_answer_names_the_build_and_its_place() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let new = NewBuild {
        trigger: Trigger::Api,
        commit_sha: Some("C".repeat(40)),
        params: serde_json::json!({"target": "build", "env": "dev", "force": true}),
        ..NewBuild::manual(scene.project, main)
    };
    let answer = scene.db.trigger_build(&scene.owner(), &new, None).await.unwrap();
    assert_eq!((answer.queue_key.as_str(), answer.build_number), ("shop/main#1", 1));
    let sql = "select b.commit_sha, b.trigger, b.created_by, q.id from ops.builds b join ops.run_queue q on q.build_id = b.id where b.id = $1";
    let row = scene.client.query_one(sql, &[&answer.build_id]).await.unwrap();
    assert_eq!((row.get::<_, String>(0), row.get::<_, &str>(1)), ("c".repeat(40), "api"));
    assert_eq!((row.get::<_, Uuid>(2), row.get::<_, Uuid>(3)), (scene.org.owner, answer.queue_id));
}

#[tokio::test]
async fn the_same_key_and_request_answer_the_first_result_and_another_request_is_refused() {
    let scene = Scene::new().await;
    let new = NewBuild::manual(scene.project, scene.branch("main", "production").await);
    let key = Some(Idempotency { key: "k1", request_hash: b"one" });
    let first = scene.db.trigger_build(&scene.owner(), &new, key).await.unwrap();
    scene.drain().await;
    assert_eq!(scene.db.trigger_build(&scene.owner(), &new, key).await.unwrap(), first);
    assert_eq!(builds(&scene).await, 1);
    let other = Some(Idempotency { key: "k1", request_hash: b"two" });
    assert!(matches!(scene.db.trigger_build(&scene.owner(), &new, other).await, Err(DbError::Conflict(_))));
    // Another person's keys are another's.
    let developer = Actor::User { user_id: seed::member(&scene.client, scene.org.id, "developer").await, claims: None };
    assert_ne!(scene.db.trigger_build(&developer, &new, key).await.unwrap().build_id, first.build_id);
}

#[tokio::test]
async fn equal_requests_at_once_make_one_build() {
    let scene = Scene::new().await;
    let new = NewBuild::manual(scene.project, scene.branch("main", "production").await);
    let owner = scene.owner();
    let key = Some(Idempotency { key: "k", request_hash: b"one" });
    let answers = futures::future::join_all((0..8).map(|_| scene.db.trigger_build(&owner, &new, key))).await;
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == first));
    assert_eq!(builds(&scene).await, 1);
}

#[tokio::test]
async fn wrong_requests_leave_nothing_behind() {
    let scene = Scene::new().await;
    let main = scene.branch("main", "production").await;
    let (_, foreign_project, foreign_branch) = scene.foreign_branch("Other").await;
    let good = NewBuild::manual(scene.project, main);
    let key = Some(Idempotency { key: "k", request_hash: b"x" });
    let not_found = [
        NewBuild { branch_id: foreign_branch, ..good.clone() },
        NewBuild { branch_id: Uuid::new_v4(), ..good.clone() },
        NewBuild { project_id: Uuid::new_v4(), ..good.clone() },
        NewBuild::manual(foreign_project, foreign_branch),
    ];
    for new in &not_found {
        let answer = scene.db.trigger_build(&scene.owner(), new, key).await;
        assert!(matches!(answer, Err(DbError::NotFound(_))), "{answer:?}");
    }
    let invalid = [
        NewBuild { commit_sha: Some("abc".into()), ..good.clone() },
        NewBuild { priority: 0, ..good.clone() },
        NewBuild { params: serde_json::json!([1]), ..good.clone() },
        NewBuild { params: serde_json::json!({"target": "launch"}), ..good.clone() },
        NewBuild { params: serde_json::json!({"env": null}), ..good.clone() },
        NewBuild { params: serde_json::json!({"force": "yes"}), ..good.clone() },
    ];
    for new in &invalid {
        let answer = scene.db.trigger_build(&scene.owner(), new, key).await;
        assert!(matches!(answer, Err(DbError::Invalid(_))), "{answer:?}");
    }
    let viewer = Actor::User { user_id: seed::member(&scene.client, scene.org.id, "viewer").await, claims: None };
    assert!(matches!(scene.db.trigger_build(&viewer, &good, key).await, Err(DbError::Forbidden(_))));
    scene.client.execute("update ops.branches set status = 'archived' where id = $1", &[&main]).await.unwrap();
    assert!(matches!(scene.db.trigger_build(&scene.owner(), &good, key).await, Err(DbError::Conflict(_))));
    scene
        .client
        .execute("update ops.projects set status = 'suspended' where id = $1", &[&scene.project])
        .await
        .unwrap();
    assert!(matches!(scene.db.trigger_build(&scene.owner(), &good, key).await, Err(DbError::Conflict(_))));
    assert_eq!(builds(&scene).await, 0);
    let keys = scene.client.query_one("select count(*) from ops.idempotency_keys", &[]).await.unwrap();
    assert_eq!(keys.get::<_, i64>(0), 0);
}

//! The branches of a real repository, and a repository that cannot be read.

use plimsoll_core::repo_url::UrlPolicy;
use plimsoll_db::{Actor, Db};
use plimsoll_engine::sync::read_branches;
use plimsoll_testkit::git::Repo;
use plimsoll_testkit::{TestDb, seed};

const LOCAL: UrlPolicy = UrlPolicy { local_paths: true, plain_http: false };

#[tokio::test]
async fn branches_follow_the_repository() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 2).unwrap();
    let repo = Repo::new();
    repo.commit(&[("a", "1")], "first");
    repo.branch("staging");
    repo.branch("feature/x");
    // HEAD is what the remote calls its default branch.
    repo.git(&["checkout", "-q", "main"]);
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", repo.path().to_str().unwrap()).await;
    let stages = async || {
        let mut found: Vec<_> = db
            .project_branches(&Actor::Service, project)
            .await
            .unwrap()
            .into_iter()
            .map(|b| (b.name, b.stage, b.status))
            .collect();
        found.sort();
        found
    };
    let branch = |name: &str, stage: &str, status: &str| (name.to_owned(), stage.to_owned(), status.to_owned());

    db.request_sync(&Actor::Service, project).await.unwrap();
    assert_eq!(read_branches(db.clone(), LOCAL).await.unwrap(), 1);
    let mut expected = vec![
        branch("feature/x", "development", "ready"),
        branch("main", "production", "ready"),
        branch("staging", "staging", "ready"),
    ];
    assert_eq!(stages().await, expected);
    assert_eq!(read_branches(db.clone(), LOCAL).await.unwrap(), 0, "read once a request");

    repo.git(&["branch", "-D", "feature/x"]);
    repo.branch("feature/y");
    repo.git(&["checkout", "-q", "main"]);
    db.request_sync(&Actor::Service, project).await.unwrap();
    read_branches(db.clone(), LOCAL).await.unwrap();
    expected[0].2 = "archived".to_owned();
    expected.insert(1, branch("feature/y", "development", "ready"));
    assert_eq!(stages().await, expected);
}

#[tokio::test]
async fn a_repository_that_cannot_be_read_has_its_reason_stored() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let db = Db::open(test.url(), 2).unwrap();
    let org = seed::org(&client, "Acme").await;
    let project = seed::project(&client, org.id, "shop", "/nonexistent/shop.git").await;
    db.request_sync(&Actor::Service, project).await.unwrap();
    read_branches(db.clone(), LOCAL).await.unwrap();
    let state = db.sync_state(&Actor::Service, project).await.unwrap();
    assert!(state.sync_error.as_deref().unwrap_or_default().contains("repository"), "{state:?}");

    client.execute("update ops.projects set sync_requested_at = now(), sync_started_at = null, sync_error = null where id = $1", &[&project]).await.unwrap();
    read_branches(db.clone(), UrlPolicy::default()).await.unwrap();
    let state = db.sync_state(&Actor::Service, project).await.unwrap();
    assert!(state.sync_error.as_deref().unwrap_or_default().contains("not allowed"), "{state:?}");
}

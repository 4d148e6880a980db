//! Projects, branches and secrets, as the server and the engine call them.

use plimsoll_core::status::Stage;
use plimsoll_db::projects::NewProject;
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::{TestDb, seed};
use serde_json::json;

#[tokio::test]
async fn a_repository_becomes_a_project_with_branches_in_their_lanes() {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 4).unwrap();
    let client = test.client().await;
    let (org, other) = (seed::org(&client, "Acme").await, seed::org(&client, "Other").await);
    let owner = Actor::User { user_id: org.owner, claims: None };
    let stranger = Actor::User { user_id: other.owner, claims: None };

    let new = NewProject { name: "Web Shop", repo_url: "https://git.example/acme/shop.git", ..Default::default() };
    let id = db.create_project(&owner, org.id, &new).await.unwrap();
    let project = db.project(&owner, id).await.unwrap();
    assert_eq!((project.slug.as_str(), project.branch_count, project.last_build_status), ("web-shop", 0, None));
    assert_eq!(db.project_by_repo(&owner, org.id, "git@git.example:acme/shop").await.unwrap(), Some(id));
    let org_slug = db.my_orgs(&owner).await.unwrap()[0].slug.clone();
    assert_eq!(db.project_by_slug(&owner, &org_slug, "web-shop").await.unwrap().id, id);
    assert!(matches!(db.project(&stranger, id).await, Err(DbError::NotFound(_))));
    assert!(matches!(db.project_by_slug(&stranger, &org_slug, "web-shop").await, Err(DbError::NotFound(_))));
    let taken = NewProject { slug: Some("web-shop"), ..new };
    assert!(matches!(db.create_project(&owner, org.id, &taken).await, Err(DbError::Conflict(_))));

    let to_sync = db.projects_to_sync(10).await.unwrap();
    assert_eq!((to_sync.len(), to_sync[0].id), (1, id));
    assert!(db.projects_to_sync(10).await.unwrap().is_empty());
    db.record_sync_error(id, "cannot be reached").await.unwrap();
    assert_eq!(db.sync_state(&owner, id).await.unwrap().sync_error.as_deref(), Some("cannot be reached"));
    db.request_sync(&owner, id).await.unwrap();
    assert_eq!(db.projects_to_sync(10).await.unwrap().len(), 1);
    let refs = json!([{"name": "trunk", "sha": "1".repeat(40)}, {"name": "staging", "sha": "2".repeat(40)}, {"name": "x", "sha": "3".repeat(40)}]);
    let changes = db.sync_branches(id, "trunk", &refs).await.unwrap();
    assert_eq!(
        changes.iter().map(|c| (c.name.as_str(), c.change.as_str())).collect::<Vec<_>>(),
        [("trunk", "added"), ("staging", "added"), ("x", "added")]
    );
    let state = db.sync_state(&owner, id).await.unwrap();
    assert_eq!((state.sync_requested_at, state.sync_error), (None, None));
    assert!(state.synced_at.is_some());

    let branches = db.project_branches(&owner, id).await.unwrap();
    let stages: Vec<_> = branches.iter().map(|b| (b.name.as_str(), b.stage.as_str())).collect();
    assert_eq!(stages, [("trunk", "production"), ("staging", "staging"), ("x", "development")]);
    let x = branches[2].id;
    db.set_branch_stage(&owner, x, Stage::Staging).await.unwrap();
    let refused = db.set_branch_stage(&owner, x, Stage::Production).await.unwrap_err();
    assert!(matches!(&refused, DbError::Conflict(message) if message.contains("a merge is a build")), "{refused:?}");
    db.set_production_branch(&owner, x).await.unwrap();
    assert!(db.project_branches(&owner, id).await.unwrap()[0].name == "x");
    assert!(matches!(db.set_production_branch(&stranger, x).await, Err(DbError::NotFound(_))));
    assert!(db.project_branches(&stranger, id).await.unwrap().is_empty());

    let sealed = [1; 29];
    db.set_project_secret(&owner, id, "TOKEN", &sealed).await.unwrap();
    assert_eq!(db.list_project_secrets(&owner, id).await.unwrap()[0].name, "TOKEN");
    assert_eq!(db.sealed_project_secrets(id).await.unwrap(), [("TOKEN".to_owned(), sealed.to_vec())]);
    assert!(matches!(db.list_project_secrets(&stranger, id).await, Err(DbError::NotFound(_))));
    db.delete_project_secret(&owner, id, "TOKEN").await.unwrap();
    db.archive_project(&owner, id).await.unwrap();
    assert_eq!(db.project(&owner, id).await.unwrap().status, "archived");
}

#[tokio::test]
async fn of_two_swaps_at_once_each_leaves_one_production_branch() {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 4).unwrap();
    let client = test.client().await;
    let org = seed::org(&client, "Acme").await;
    let owner = Actor::User { user_id: org.owner, claims: None };
    let project = seed::project(&client, org.id, "shop", "/srv/shop").await;
    seed::branch(&client, project, "main", "production").await;
    let a = seed::branch(&client, project, "a", "staging").await;
    let b = seed::branch(&client, project, "b", "development").await;
    for _ in 0..5 {
        let (first, second) = futures::join!(db.set_production_branch(&owner, a), db.set_production_branch(&owner, b));
        first.unwrap();
        second.unwrap();
        let branches = db.project_branches(&owner, project).await.unwrap();
        assert_eq!(branches.iter().filter(|b| b.is_production).count(), 1);
    }
}

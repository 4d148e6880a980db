//! Demo data goes through the same tables as real data, and a repeat adds nothing.

use plimsoll_db::{Actor, Db, demo};
use plimsoll_testkit::TestDb;

#[tokio::test]
async fn demo_data_fills_every_page_and_a_repeat_changes_nothing() {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 2).unwrap();
    let owner = db.ensure_owner("owner@example.com", "Demo").await.unwrap();
    let size = demo::Size { projects: 2, builds: 3, lines: 1_200 };
    let made = db.make_demo(owner.org_id, size, |_| {}).await.unwrap();
    assert_eq!((made.projects, made.branches, made.builds), (2, 12, 36));
    assert_eq!(made.log_lines, 36 * 1_200);
    assert!(made.tests > 0);

    let again = db.make_demo(owner.org_id, size, |_| {}).await.unwrap();
    assert_eq!((again.builds, again.log_lines, again.tests), (made.builds, made.log_lines, made.tests));

    let someone = Actor::User { user_id: owner.user_id, claims: None };
    let projects = db.list_projects(&someone).await.unwrap();
    assert_eq!(projects.len(), 2);
    let builds = db.project_builds(&someone, projects[0].id, Default::default(), 100).await.unwrap();
    assert_eq!(builds.len(), 18);
    let lines = db.log_lines(&someone, builds[0].id, 1, 5_000).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.line).collect::<Vec<_>>(), (1..=1_200).collect::<Vec<_>>());

    // The next real build goes on counting.
    let client = test.client().await;
    let next = "select bool_and(next_build_number = 19) from ops.projects where org_id = $1";
    assert!(client.query_one(next, &[&owner.org_id]).await.unwrap().get::<_, bool>(0));
}

//! Applying the schema: repeated, at once, after edits, against traffic, and without being superuser.

use std::time::Duration;

use plimsoll_db::migrate::{self, Options};
use plimsoll_db::{Actor, Db, DbError};
use plimsoll_testkit::TestDb;
use plimsoll_testkit::supabase::Owner;

async fn migrated() -> (TestDb, Db) {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 4).unwrap();
    (test, db)
}

/// As if the files differed from what was applied.
const FORGET_DEFINITIONS: &str = "update registry.definitions set checksum = 'of another version'";

#[tokio::test]
async fn an_empty_database_gets_everything_and_a_repeat_changes_nothing() {
    let test = TestDb::empty().await;
    let db = Db::open(test.url(), 2).unwrap();
    let pending = migrate::pending(&db).await.unwrap();
    let all: Vec<String> = migrate::sources().0.iter().map(|file| file.name().to_owned()).collect();
    assert_eq!(pending.migrations, all);
    assert!(pending.definitions);

    let report = migrate::apply(&db, Options::default()).await.unwrap();
    assert_eq!(report.applied, all);
    assert!(report.to_string().contains("applied    20261121090000_create_roles_and_auth"), "{report}");
    assert!(migrate::pending(&db).await.unwrap().is_empty());

    let report = migrate::apply(&db, Options::default()).await.unwrap();
    assert!(report.is_unchanged(), "{report:?}");
    assert_eq!(report.already_applied, all.len());
    assert_eq!(report.to_string(), format!("the schema is up to date ({} migrations)", all.len()));
}

#[tokio::test]
async fn servers_that_start_at_once_apply_it_once() {
    let test = TestDb::empty().await;
    let dbs: Vec<Db> = (0..3).map(|_| Db::open(test.url(), 2).unwrap()).collect();
    let reports = futures::future::join_all(dbs.iter().map(|db| migrate::apply(db, Options::default()))).await;
    let applied: usize = reports.iter().map(|report| report.as_ref().unwrap().applied.len()).sum();
    assert_eq!(applied, migrate::sources().0.len());
    let with_definitions = reports.iter().filter(|r| r.as_ref().unwrap().definitions_applied > 0).count();
    assert_eq!(with_definitions, 1);
}

#[tokio::test]
async fn an_applied_migration_that_was_edited_is_named() {
    let (test, db) = migrated().await;
    let edit = "update registry.migrations set checksum = 'x' where name like '%create_projects'";
    test.client().await.batch_execute(edit).await.unwrap();
    for error in [migrate::apply(&db, Options::default()).await.unwrap_err(), migrate::pending(&db).await.unwrap_err()]
    {
        let DbError::Migration { file, message } = error else { panic!("{error:?}") };
        assert!(file.ends_with("create_projects.sql"), "{file}");
        assert!(message.contains("edited after it had been applied") && message.contains("new migration"), "{message}");
    }
}

#[tokio::test]
async fn a_function_that_answers_another_shape_is_made_again_with_what_stands_on_it() {
    let (test, db) = migrated().await;
    let client = test.client().await;
    client
        .batch_execute(&format!(
            "drop function ops.my_org_ids() cascade;
             create function ops.my_org_ids(p_more text default '') returns text language sql as 'select 1::text';
             create function ops.my_org_ids() returns text language sql as 'select 1::text';
             {FORGET_DEFINITIONS}"
        ))
        .await
        .unwrap();
    assert!(migrate::pending(&db).await.unwrap().definitions);
    let report = migrate::apply(&db, Options::default()).await.unwrap();
    assert_eq!(report.recreated, ["ops.my_org_ids"]);
    let count = "select count(*) from pg_policies where tablename = 'builds' and policyname = 'members_read'";
    assert_eq!(client.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 1);
    let overloads = "select count(*) from pg_proc where proname = 'my_org_ids'";
    assert_eq!(client.query_one(overloads, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_function_that_a_table_needs_is_not_dropped() {
    let (test, db) = migrated().await;
    let client = test.client().await;
    client
        .batch_execute(&format!(
            "drop function ops.repo_key(text);
             create function ops.repo_key(p_address text) returns text language sql immutable as 'select 1::text';
             create table ops.later (url text default ops.repo_key('x'));
             {FORGET_DEFINITIONS}"
        ))
        .await
        .unwrap();
    let error = migrate::apply(&db, Options::default()).await.unwrap_err().to_string();
    assert!(error.contains("change it in a migration"), "{error}");
}

#[tokio::test]
async fn what_is_no_longer_ours_goes_and_what_never_was_stays() {
    let (test, db) = migrated().await;
    let client = test.client().await;
    client
        .batch_execute(&format!(
            "create function ops.retired() returns integer language sql as 'select 1';
             update registry.definitions set functions = functions || 'ops.retired()'::text;
             create function ops.operators_own() returns integer language sql as 'select 1';
             create policy hole on ops.builds for select to anon using (true);
             {FORGET_DEFINITIONS}"
        ))
        .await
        .unwrap();
    let report = migrate::apply(&db, Options::default()).await.unwrap();
    assert_eq!(report.dropped, ["ops.retired()"]);
    let row = client
        .query_one(
            "select to_regprocedure('ops.retired()') is null, to_regprocedure('ops.operators_own()') is not null,
                    not exists (select from pg_policies where policyname = 'hole')",
            &[],
        )
        .await
        .unwrap();
    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1) && row.get::<_, bool>(2));
}

#[tokio::test]
async fn a_busy_table_is_waited_for_without_standing_in_its_way() {
    let (test, db) = migrated().await;
    let (mut busy, watcher) = (test.client().await, test.client().await);
    watcher.batch_execute(FORGET_DEFINITIONS).await.unwrap();
    let transaction = busy.transaction().await.unwrap();
    transaction.batch_execute("lock table ops.builds in access share mode").await.unwrap();

    let options = Options { lock_timeout: Duration::from_millis(20), ..Options::default() };
    let applying = tokio::spawn(async move { migrate::apply(&db, options).await });
    // Two transactions that waited for the table: the first gave way.
    let waiting = "select a.xact_start::text from pg_locks l join pg_stat_activity a using (pid)
                   where not l.granted and l.relation = 'ops.builds'::regclass";
    let mut attempts = std::collections::HashSet::new();
    while attempts.len() < 2 {
        attempts.extend(watcher.query(waiting, &[]).await.unwrap().iter().map(|row| row.get::<_, String>(0)));
    }
    transaction.commit().await.unwrap();
    assert!(applying.await.unwrap().unwrap().definitions_applied > 0);
}

#[tokio::test]
async fn unqualified_names_resolve_where_the_database_is_ours() {
    let test = TestDb::empty().await;
    let db = Db::open(test.url(), 1).unwrap();
    migrate::apply(&db, Options { set_search_path: true, ..Options::default() }).await.unwrap();
    test.client().await.batch_execute("select 1 from run_queue; select 1 from test_runs").await.unwrap();
}

/// Supabase's `postgres` role: CREATEROLE and BYPASSRLS, no superuser, in a database whose `auth` schema and request
/// roles belong to others.
#[tokio::test]
async fn a_role_like_supabases_can_apply_and_run_it() {
    let test = TestDb::empty().await;
    let admin = test.client().await;
    let role = Owner::of(&test).await;
    let db = Db::open(role.url(), 4).unwrap();
    migrate::apply(&db, Options::default()).await.unwrap();
    assert!(migrate::apply(&db, Options::default()).await.unwrap().is_unchanged());

    // Its sign-up makes people, not we.
    let error = db.ensure_owner("ada@x.example", "Engines").await.unwrap_err();
    assert!(matches!(&error, DbError::Conflict(message) if message.contains("signed up")), "{error:?}");
    admin
        .batch_execute("insert into auth.users (id, email) values (gen_random_uuid(), 'ada@x.example'), (gen_random_uuid(), 'eve@x.example')")
        .await
        .unwrap();
    let owner = db.ensure_owner("ada@x.example", "Engines").await.unwrap();
    let eve = db.ensure_owner("eve@x.example", "Elsewhere").await.unwrap();
    let ada = Actor::User { user_id: owner.user_id, claims: None };
    let eve = Actor::User { user_id: eve.user_id, claims: None };
    let new = plimsoll_db::projects::NewProject { name: "Shop", repo_url: "/srv/shop", ..Default::default() };
    let project = db.create_project(&ada, owner.org_id, &new).await.unwrap();
    assert_eq!(db.list_projects(&ada).await.unwrap().len(), 1);
    assert_eq!(db.list_projects(&eve).await.unwrap().len(), 0);
    assert_eq!(db.list_projects(&Actor::Service).await.unwrap().len(), 1);
    assert!(matches!(db.request_sync(&eve, project).await, Err(DbError::NotFound(_))));
    db.sync_branches(project, "main", &serde_json::json!([{"name": "main", "sha": "1".repeat(40)}])).await.unwrap();
    assert_eq!(db.project_branches(&ada, project).await.unwrap()[0].stage, "production");

    drop((db, admin));
    role.drop_after(test).await;
}

//! The proof of isolation holds on this schema, whoever runs it and whatever is in the database, and leaves nothing behind.

use std::collections::BTreeMap;
use std::time::Duration;

use plimsoll_db::isolation::{self, Options, Report};
use plimsoll_db::{Db, demo, migrate};
use plimsoll_testkit::pgbouncer::PgBouncer;
use plimsoll_testkit::supabase::Owner;
use plimsoll_testkit::{TestDb, seed};
use tokio_postgres::Client;

const WITHOUT_MUTATIONS: Options = Options { mutations: false, lock_timeout: Duration::from_secs(5) };

async fn prove(db: &Db, options: Options) -> Report {
    isolation::prove(db, options, |_| {}).await.unwrap_or_else(|error| panic!("{error}"))
}

fn assert_holds(report: &Report) {
    let mut wrong: Vec<String> = report.failures.iter().map(|failure| failure.sentence.clone()).collect();
    if let Some(mutations) = &report.mutations {
        wrong.extend(mutations.missed.iter().map(|missed| format!("not noticed: {missed:?}")));
        wrong.extend(mutations.busy.iter().map(|busy| format!("not tried: {busy:?}")));
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(report.holds);
}

/// How many rows every table has, and what the catalogue says of every object.
async fn everything(client: &Client) -> BTreeMap<String, String> {
    let sql = "
        select c.oid::regclass::text,
               (xpath('/row/n/text()', query_to_xml(format('select count(*) n from %s', c.oid::regclass), false, true, '')))[1]::text
                 || ' rows ' || c.relrowsecurity || coalesce(c.relacl::text, '')
        from pg_class c where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics', 'auth')
        union all
        select p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) || coalesce(p.proacl::text, '')
        from pg_proc p where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics', 'auth')
        union all
        select 'policy ' || tablename || '.' || policyname, p::text from pg_policies p";
    client.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn it_holds_among_an_operators_rows_and_notices_every_mutation() {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 2).unwrap();
    let client = test.client().await;
    let org = seed::org(&client, "Engines").await;
    db.make_demo(org.id, demo::Size { projects: 3, builds: 5, lines: 50 }, |_| {}).await.unwrap();
    // The samples themselves, to stay: neither their ids nor their texts may be in the proof's way.
    for sample in migrate::samples() {
        client.batch_execute(sample.sql).await.unwrap();
    }
    let before = everything(&client).await;
    let report = prove(&db, Options::default()).await;
    assert_holds(&report);
    assert!(report.total.trials > 8_000 && report.total.mutations > 3_000, "{:?}", report.total);
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn it_can_be_run_on_supabase_through_a_transaction_pooler() {
    let test = TestDb::empty().await;
    let role = Owner::of(&test).await;
    let direct = Db::open(role.url(), 2).unwrap();
    migrate::apply(&direct, migrate::Options::default()).await.unwrap();
    let before = everything(&test.client().await).await;
    {
        let pooler = PgBouncer::start(role.url()).await;
        let report = prove(&Db::open(pooler.url(), 1).unwrap(), Options::default()).await;
        assert_holds(&report);
        assert!(report.login_role.ends_with("_owner"), "{}", report.login_role);
    }
    assert_eq!(everything(&test.client().await).await, before);
    drop(direct);
    role.drop_after(test).await;
}

#[tokio::test]
async fn two_at_once_do_not_meet() {
    let test = TestDb::new().await;
    let (one, other) = (Db::open(test.url(), 1).unwrap(), Db::open(test.url(), 1).unwrap());
    let (one, other) = futures::join!(prove(&one, WITHOUT_MUTATIONS), prove(&other, WITHOUT_MUTATIONS));
    assert_holds(&one);
    assert_holds(&other);
}

#[tokio::test]
async fn it_gives_way_to_the_traffic_and_says_what_it_could_not_try() {
    let test = TestDb::new().await;
    let mut busy = test.client().await;
    let traffic = busy.transaction().await.unwrap();
    traffic.batch_execute("lock table ops.artifacts in row exclusive mode").await.unwrap();
    let options = Options { lock_timeout: Duration::from_millis(5), ..Options::default() };
    let report = prove(&Db::open(test.url(), 1).unwrap(), options).await;
    let mutations = report.mutations.as_ref().unwrap();
    assert!(!report.holds && report.failures.is_empty() && mutations.missed.is_empty(), "{report:#?}");
    assert!(mutations.busy.iter().any(|m| m.sql == "alter table ops.\"artifacts\" disable row level security"));
    assert!(mutations.busy.iter().all(|m| m.object == "ops.artifacts"), "{:#?}", mutations.busy);
    assert_eq!(mutations.caught + mutations.busy.len(), mutations.count);
    traffic.rollback().await.unwrap();
}

#[tokio::test]
async fn a_database_without_the_schema_is_told_what_to_do() {
    let test = TestDb::empty().await;
    let db = Db::open(test.url(), 1).unwrap();
    let error = isolation::prove(&db, WITHOUT_MUTATIONS, |_| {}).await.unwrap_err().to_string();
    assert!(error.contains("plimsoll migrate"), "{error}");
}

/// What somebody might do to a database, each to another object, and a part of what the proof then says.
const BREACHES: &[(&str, &str)] = &[
    ("create table ops.forgotten (org_id uuid)", "who may do what with the table or view ops.forgotten"),
    ("create view ops.leak as select * from ops.builds", "who may do what with the table or view ops.leak"),
    ("create sequence metrics.free", "who may do what with the sequence metrics.free"),
    ("create function ops.loose() returns integer language sql as 'select 1'", "with the function ops.loose()"),
    ("drop function ops.record_sync_error(uuid, text)", "there is no function ops.record_sync_error"),
    ("drop view ops.build_events cascade", "there is no table or view ops.build_events"),
    (
        "alter table ops.artifacts disable row level security",
        "ops.artifacts: an owner of another organisation, select: expected 0 of a, 1 of b, 0 of none, others: f, found 1 of a",
    ),
    (
        "alter policy members_read on ops.build_steps using (true)",
        "ops.build_steps: a stranger, select: expected 0 of a, 0 of b, 0 of none, others: f, found 1 of a, 1 of b",
    ),
    ("drop policy members_read on ops.leases", "ops.leases: a viewer of the organisation, select: expected 1 of a"),
    (
        "alter policy developers_insert on ops.branches with check (org_id = any (array(select registry.org_ids_with_role('viewer'))))",
        "ops.branches: a viewer of the organisation, insert a row of organisation A: expected a refusal",
    ),
    (
        "alter view ops.build_logs set (security_invoker = off)",
        "ops.build_logs: a removed member, select: expected 0 of a",
    ),
    (
        "grant select on ops.project_secrets to authenticated",
        "ops.project_secrets: an owner of the organisation, select column sealed: expected a refusal",
    ),
    (
        "grant update (name) on ops.projects to authenticated",
        "ops.projects: an owner of the organisation, update column name: expected a refusal",
    ),
    ("grant truncate on ops.environments to authenticated", "ops.environments: the catalogue, grants"),
    ("grant delete on ops.environments to authenticated", "ops.environments: a stranger, delete: expected a refusal"),
    (
        "grant select on ops.log_chunks_default to authenticated",
        "ops.log_chunks_default: an owner of the organisation, select",
    ),
    (
        "grant usage on schema metrics to anon; grant select on metrics.test_runs to anon",
        "metrics.test_runs: somebody without credentials, select: expected a refusal",
    ),
    (
        "grant usage on sequence ops.audit_log_id_seq to authenticated",
        "ops.audit_log_id_seq: a stranger, draw a value: expected a refusal",
    ),
    (
        "grant execute on function registry.authenticate_token(bytea) to authenticated",
        "registry.authenticate_token(bytea): a stranger, execute: expected a refusal",
    ),
    (
        "alter function ops.list_projects() security definer",
        "ops.list_projects(): a stranger, call: expected rows of a: f, of b: f, found rows of a: t, of b: t",
    ),
    (
        "create or replace function ops.org_of_build(p_build_id uuid, p_min_role text) returns uuid language sql stable
         set search_path = '' as 'select org_id from ops.builds where id = p_build_id'",
        "ops.build_detail(uuid): an owner of another organisation, call with ids of another organisation",
    ),
    (
        "create or replace function registry.set_webhook_secret(p_org_id uuid, p_provider text, p_sealed bytea) returns void
         language sql security definer set search_path = ''
         as 'insert into registry.webhook_secrets (org_id, provider, sealed) values (p_org_id, p_provider, p_sealed)'",
        "a stranger, call with ids of another organisation: expected the same as for ids that do not exist, \
         found rows of an organisation that is not the caller's were changed",
    ),
];

#[tokio::test]
async fn it_says_who_reaches_what_after_a_breach() {
    let test = TestDb::new().await;
    let client = test.client().await;
    for (breach, _) in BREACHES {
        client.batch_execute(breach).await.unwrap_or_else(|error| panic!("{breach}: {error:?}"));
    }
    let report = prove(&Db::open(test.url(), 1).unwrap(), WITHOUT_MUTATIONS).await;
    assert!(!report.holds);
    let sentences: Vec<&str> = report.failures.iter().map(|failure| failure.sentence.as_str()).collect();
    for (breach, says) in BREACHES {
        assert!(
            sentences.iter().any(|sentence| sentence.contains(says)),
            "{breach}\nshould have been noticed as {says:?}; said:\n{}",
            sentences.join("\n")
        );
    }
}

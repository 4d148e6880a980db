//! The proof of isolation holds on this schema, whoever runs it and whatever is in the database, and leaves nothing behind.

use std::collections::BTreeMap;

use plimsoll_db::isolation::{self, Options, Report};
use plimsoll_db::{Db, demo, migrate};
use plimsoll_testkit::pgbouncer::PgBouncer;
use plimsoll_testkit::supabase::Owner;
use plimsoll_testkit::{TestDb, seed};
use tokio_postgres::Client;

const WITHOUT_MUTATIONS: Options = Options { mutations: false };

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
async fn it_holds_and_notices_every_mutation() {
    let test = TestDb::new().await;
    let db = Db::open(test.url(), 1).unwrap();
    let client = test.client().await;
    let before = everything(&client).await;
    let report = prove(&db, Options::default()).await;
    assert_holds(&report);
    assert!(report.total.trials > 5_000 && report.total.mutations > 1_000, "{:?}", report.total);
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn it_holds_among_an_operators_rows_and_leaves_them_alone() {
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
    assert_holds(&prove(&db, WITHOUT_MUTATIONS).await);
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn it_can_be_run_on_supabase_through_a_transaction_pooler() {
    let test = TestDb::empty().await;
    let role = Owner::of(&test).await;
    {
        let direct = Db::open(role.url(), 2).unwrap();
        migrate::apply(&direct, migrate::Options::default()).await.unwrap();
        let report = prove(&direct, Options::default()).await;
        assert_holds(&report);
        assert!(report.login_role.ends_with("_owner"), "{}", report.login_role);
    }
    {
        let pooler = PgBouncer::start(role.url()).await;
        assert_holds(&prove(&Db::open(pooler.url(), 2).unwrap(), WITHOUT_MUTATIONS).await);
    }
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
async fn a_database_without_the_schema_is_told_what_to_do() {
    let test = TestDb::empty().await;
    let db = Db::open(test.url(), 1).unwrap();
    let error = isolation::prove(&db, WITHOUT_MUTATIONS, |_| {}).await.unwrap_err().to_string();
    assert!(error.contains("plimsoll migrate"), "{error}");
}

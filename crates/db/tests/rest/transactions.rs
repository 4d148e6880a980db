//! One transaction a statement: who it runs as, what it leaves behind, and what a caller that goes away leaves behind.

use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use plimsoll_db::rest::RestError;
use plimsoll_db::rest::plan::{Arguments, Count, Output};
use plimsoll_db::{Actor, Db};
use plimsoll_testkit::pgbouncer::PgBouncer;
use serde_json::json;

use crate::scene::{Ask, SESSION, Scene, call, delete, eq, insert, json_arguments, read, update};

#[tokio::test]
async fn each_actor_has_its_role_and_nothing_lasts() {
    let scene = Scene::new().await;
    let member = Actor::User { user_id: uuid::Uuid::nil(), claims: None };
    let run = async |actor: &Actor, ask: Ask| scene.db.run_rest(actor, &SESSION, &ask.into()).await;
    let who = || call(scene.function("who", 0), Arguments::None);
    assert_eq!(run(&Actor::Service, who()).await.unwrap().body.as_deref(), Some("\"service_role\""));
    assert_eq!(run(&member, who()).await.unwrap().body.as_deref(), Some("\"authenticated\""));
    for (actor, ask) in [(&Actor::Anonymous, read("clients")), (&Actor::Anonymous, who()), (&member, read("secrets"))] {
        let denied = run(actor, ask).await.unwrap_err();
        assert!(matches!(denied, RestError::Database { code, .. } if code == "42501"));
    }
    // The server's own statements are as before on the same connections.
    let row = scene.db.query_as_server("select current_user::text, current_setting('request.path', true)", &[]).await;
    let row = row.unwrap().remove(0);
    assert_ne!(row.get::<_, String>(0), "authenticated");
    assert_eq!(row.get::<_, Option<String>>(1).unwrap_or_default(), "");
}

#[tokio::test]
async fn callers_have_their_time_limited_and_the_server_has_not() {
    let scene = Scene::new().await;
    scene.client.batch_execute("grant execute on function shop.setting to authenticated").await.unwrap();
    let member = Actor::User { user_id: uuid::Uuid::nil(), claims: None };
    let limits = async |db: &Db, actor: &Actor| {
        let ask = call(scene.function("setting", 1), json_arguments(r#"{"name": "statement_timeout"}"#, &["name"]));
        let row = db.query_one(actor, "select current_setting('statement_timeout')", &[]).await.unwrap();
        (db.run_rest(actor, &SESSION, &ask.into()).await.unwrap().body.unwrap(), row.get::<_, String>(0))
    };
    assert_eq!(limits(&scene.db, &member).await, ("\"55s\"".into(), "55s".into()));
    assert_eq!(limits(&scene.db, &Actor::Service).await, ("\"0\"".into(), "0".into()));
    // An operator's own limit counts.
    scene
        .client
        .batch_execute(
            "do $$ begin execute format('alter database %I set statement_timeout = 7000', current_database()); end $$",
        )
        .await
        .unwrap();
    let db = Db::open(&format!("{}?application_name=limited", scene.test.direct_url()), 1).unwrap();
    assert_eq!(limits(&db, &member).await, ("\"7s\"".into(), "7s".into()));
}

#[tokio::test]
async fn what_a_function_sets_for_its_session_answers_no_other_request() {
    let scene = Scene::new().await;
    scene
        .client
        .batch_execute(
            "create function shop.answers_for_others() returns int language plpgsql as $$ begin
               perform set_config('response.status', '418', false), set_config('response.headers', '[{\"X-Tea\": \"green\"}]', false);
               return 1; end $$",
        )
        .await
        .unwrap();
    let db = Db::open(&format!("{}?application_name=one", scene.test.direct_url()), 1).unwrap();
    let catalogue = db.rest_catalogue(&["shop".to_owned()]).await.unwrap();
    let name = plimsoll_db::rest::catalogue::Name { schema: "shop".into(), name: "answers_for_others".into() };
    let ask = call(catalogue.functions[&name][0].clone(), Arguments::None);
    let own = db.run_rest(&Actor::Service, &SESSION, &ask.into()).await.unwrap();
    assert_eq!(own.status.as_deref(), Some("418"));
    let other = db.run_rest(&Actor::Service, &SESSION, &read("clients").into()).await.unwrap();
    assert_eq!((other.status, other.headers), (None, None));
}

#[tokio::test]
async fn reading_requests_cannot_write() {
    let scene = Scene::new().await;
    let mut write = scene.call("make_person", json_arguments(r#"{"n": 70}"#, &["n"]));
    write.0.read_only = true;
    assert_eq!(scene.refusal(write.clone()).await.0, "25006");
    write.0.read_only = false;
    assert_eq!(scene.run(write).await.body, None);
    assert_eq!(scene.value("select count(*) from shop.people where id = 70").await, "1");
}

#[tokio::test]
async fn a_check_that_fails_undoes_everything() {
    let scene = Scene::new().await;
    let people = async || scene.value("select count(*) || max(name) from shop.people").await;
    let before = people().await;
    let two = insert("people", &[("id", "integer")], r#"[{"id": 60}, {"id": 61}]"#);
    let make = || scene.call("make_people", json_arguments(r#"{"n": 3}"#, &["n"]));
    let rename = update("people", &[("name", "text")], r#"{"name": "Z"}"#, vec![]);
    for (ask, expected) in [
        (two.clone().singular().output(Output::Object), "one of 2"),
        (two.singular().output(Output::Nothing), "one of 2"),
        (make().singular().output(Output::Object), "one of 3"),
        (make().at_most(2), "too many: 3"),
        (rename.clone().at_most(1), "too many: 2"),
        (delete("people", vec![eq("id", "99")]).singular(), "one of 0"),
    ] {
        let failed = match scene.try_run(ask).await.unwrap_err() {
            RestError::NotSingular { rows } => format!("one of {rows}"),
            RestError::MaxAffected { rows } => format!("too many: {rows}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(failed, expected);
        assert_eq!(people().await, before);
    }
    assert!(matches!(scene.try_run(read("people").singular()).await, Err(RestError::NotSingular { rows: 2 })));
    assert_eq!(scene.run(rename.at_most(2)).await.rows, 2);
    let one = insert("people", &[("id", "integer")], r#"[{"id": 60}]"#).singular().output(Output::Object);
    assert_eq!(scene.json(one).await, json!({"id": 60, "name": null}));
    // What only the commit finds is found as well.
    scene
        .client
        .batch_execute(
            "create table shop.late (id int primary key, of int references shop.people deferrable initially deferred);
             grant all on shop.late to service_role",
        )
        .await
        .unwrap();
    let late = insert("late", &[("id", "integer"), ("of", "integer")], r#"{"id": 1, "of": 12345}"#);
    assert_eq!(scene.refusal(late.clone()).await.0, "23503");
    assert_eq!(scene.refusal(late.singular()).await.0, "23503");
    assert_eq!(scene.value("select count(*) from shop.late").await, "0");
}

#[tokio::test]
async fn a_connection_is_good_again_after_an_error() {
    let scene = Scene::new().await;
    let db = Db::open(scene.test.url(), 1).unwrap();
    for _ in 0..3 {
        let bad = db.run_rest(&Actor::Service, &SESSION, &read("people").filter(eq("id", "x")).into()).await;
        assert!(matches!(bad, Err(RestError::Database { code, .. }) if code == "22P02"));
        let bad = insert("people", &[("id", "integer")], r#"{"id": 1}"#).singular();
        let bad = db.run_rest(&Actor::Service, &SESSION, &bad.into()).await;
        assert!(matches!(bad, Err(RestError::Database { code, .. }) if code == "23505"));
        let counted = read("people").filter(eq("id", "x")).count(Count::Estimated);
        assert!(db.run_rest(&Actor::Service, &SESSION, &counted.into()).await.is_err());
        let good = db.run_rest(&Actor::Service, &SESSION, &read("people").into()).await.unwrap();
        assert_eq!(good.rows, 2);
    }
    assert_eq!(open_transactions(&scene).await, 0);
}

/// A caller is dropped at every point it can wait at. The one connection goes on serving, with no transaction open.
#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_open() {
    let scene = Scene::new().await;
    let db = Db::open(&format!("{}?application_name=alone", scene.test.direct_url()), 1).unwrap();
    let good = || read("people").filter(eq("id", "1"));
    db.run_rest(&Actor::Service, &SESSION, &good().into()).await.unwrap();
    let write = insert("people", &[("id", "integer")], r#"{"id": 80}"#);
    let in_one_trip = write.clone();
    let in_two_trips = write.singular();
    for ask in [in_one_trip, in_two_trips] {
        for polls in 1..40 {
            let statement = ask.clone().into();
            let mut future = Box::pin(db.run_rest(&Actor::Service, &SESSION, &statement));
            let mut done = false;
            for _ in 0..polls {
                let waker = Waker::noop();
                if future.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                    done = true;
                    break;
                }
                // The connection's task gets its turn.
                tokio::task::yield_now().await;
            }
            drop(future);
            // The same connection, after whatever was queued on it.
            let good = db.run_rest(&Actor::Service, &SESSION, &good().into()).await.unwrap();
            assert_eq!(good.rows, 1);
            assert_eq!(open_transactions(&scene).await, 0, "{polls} polls");
            scene.client.batch_execute("delete from shop.people where id = 80").await.unwrap();
            if done {
                break;
            }
        }
    }
    let connections = "select count(*) from pg_stat_activity where application_name = 'alone'";
    assert_eq!(scene.value(connections).await, "1", "the same connection served all");
}

/// Dropped while its statement waits for a lock: it is finished, checked and kept or undone as if the caller had stayed, and
/// the connection serves nobody else until then.
#[tokio::test]
async fn what_a_caller_began_is_finished_without_it() {
    let scene = Scene::new().await;
    let db = Db::open(scene.test.url(), 1).unwrap();
    db.run_rest(&Actor::Service, &SESSION, &read("people").into()).await.unwrap();
    let one = |id: i64| insert("people", &[("id", "integer")], &format!(r#"{{"id": {id}}}"#));
    let two = insert("people", &[("id", "integer")], r#"[{"id": 83}, {"id": 84}]"#);
    let first = read("people").filter(eq("id", "1")).into();
    for ask in [one(81), one(82).singular(), two.singular()] {
        scene.client.batch_execute("begin; lock table shop.people in exclusive mode").await.unwrap();
        let statement = ask.into();
        {
            let mut future = Box::pin(db.run_rest(&Actor::Service, &SESSION, &statement));
            tokio::select! {
                done = &mut future => panic!("it must wait for the lock: {done:?}"),
                () = somebody_waits(&scene) => {}
            }
        }
        let mut next = Box::pin(db.run_rest(&Actor::Service, &SESSION, &first));
        assert!(matches!(futures::poll!(&mut next), Poll::Pending));
        scene.client.batch_execute("commit").await.unwrap();
        assert_eq!(next.await.unwrap().rows, 1);
        assert_eq!(open_transactions(&scene).await, 0);
    }
    assert_eq!(
        scene.value("select string_agg(id::text, ',' order by id) from shop.people where id > 80").await,
        "81,82"
    );
}

/// Until a statement of another connection waits for a lock.
async fn somebody_waits(scene: &Scene) {
    let waiting = "select count(*) from pg_locks l join pg_database d on d.oid = l.database
                   where d.datname = current_database() and not l.granted";
    while scene.value(waiting).await == "0" {
        tokio::task::yield_now().await;
    }
}

async fn open_transactions(scene: &Scene) -> i64 {
    let open = "select count(*) from pg_stat_activity where datname = current_database()
                and state like 'idle in transaction%'";
    scene.value(open).await.parse().unwrap()
}

#[tokio::test]
async fn no_connection_is_unavailable() {
    let scene = Scene::new().await;
    let db = Db::open("postgres://nobody@127.0.0.1:1/none", 1).unwrap();
    let lost = db.run_rest(&Actor::Service, &SESSION, &read("people").into()).await;
    assert!(matches!(lost, Err(RestError::Unavailable(_))), "{lost:?}");
    // A connection that is cut while it is used, and then a good one.
    let db = Db::open(scene.test.direct_url(), 1).unwrap();
    let cut = call(scene.function("setting", 1), json_arguments(r#"{"name": "x"}"#, &["name"]));
    scene
        .client
        .batch_execute("create or replace function shop.setting(name text) returns text language sql as 'select pg_terminate_backend(pg_backend_pid())::text'; alter function shop.setting security definer")
        .await
        .unwrap();
    match db.run_rest(&Actor::Service, &SESSION, &cut.into()).await.unwrap_err() {
        RestError::Database { code, .. } => assert_eq!(code, "57P01"),
        RestError::Unavailable(_) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(db.run_rest(&Actor::Service, &SESSION, &read("people").into()).await.unwrap().rows, 2);
}

#[tokio::test]
async fn all_of_it_through_a_transaction_pooler() {
    let scene = Scene::new().await;
    let pooler = PgBouncer::start(scene.test.direct_url()).await;
    let db = Db::open(pooler.url(), 8).unwrap();
    let catalogue = db.rest_catalogue(&["shop".to_owned()]).await.unwrap();
    assert_eq!(catalogue.fingerprint, scene.catalogue.fingerprint);
    assert_eq!(catalogue.relations.len(), scene.catalogue.relations.len());
    let requests = (0..40).map(|n| {
        let (db, scene) = (&db, &scene);
        async move {
            let actor =
                if n % 2 == 0 { Actor::Service } else { Actor::User { user_id: uuid::Uuid::nil(), claims: None } };
            let who = call(scene.function("who", 0), Arguments::None);
            let body = db.run_rest(&actor, &SESSION, &who.into()).await.unwrap().body.unwrap();
            assert_eq!(body, format!("\"{}\"", actor.role()));
            let id = 200 + n;
            let one = insert("people", &[("id", "integer")], &format!(r#"{{"id": {id}}}"#)).singular();
            let made = db.run_rest(&Actor::Service, &SESSION, &one.into()).await.unwrap();
            assert_eq!(made.rows, 1);
            let page = read("people").count(Count::Planned).limit(1, 0);
            assert!(db.run_rest(&Actor::Service, &SESSION, &page.into()).await.unwrap().total.is_some());
            let bad = read("people").filter(eq("id", "x"));
            assert!(db.run_rest(&Actor::Service, &SESSION, &bad.into()).await.is_err());
        }
    });
    futures::future::join_all(requests).await;
    assert_eq!(scene.value("select count(*) from shop.people").await, "42");
    let idle =
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in trans%'";
    let deadline = Instant::now() + Duration::from_secs(20);
    while scene.value(idle).await != "0" {
        assert!(Instant::now() < deadline, "a transaction stays open");
        tokio::task::yield_now().await;
    }
}

//! How many calls a second one connection and several make. It prints and asserts nothing of time; run it by name:
//! `cargo nextest run -p plimsoll-db --test rest --run-ignored only speed --no-capture`

use std::time::Instant;

use plimsoll_db::rest::catalogue::Name;
use plimsoll_db::rest::plan::{Arguments, Output};
use plimsoll_db::rest::{Session, Statement};
use plimsoll_db::{Actor, Db};
use plimsoll_testkit::{TestDb, seed};

use crate::scene::call;

const CALLS: u32 = 2000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn list_projects() {
    let test = TestDb::new().await;
    let client = test.client().await;
    let org = seed::org(&client, "Acme").await;
    for n in 0..20 {
        seed::project(&client, org.id, &format!("project {n}"), &format!("https://git.example/{n}.git")).await;
    }
    client.batch_execute("analyze").await.unwrap();
    let db = Db::open(test.url(), 4).unwrap();
    let schemas = ["ops", "metrics", "public"].map(str::to_owned);
    let begun = Instant::now();
    let catalogue = db.rest_catalogue(&schemas).await.unwrap();
    println!("catalogue: {:?}", begun.elapsed());
    let begun = Instant::now();
    for _ in 0..100 {
        db.rest_fingerprint(&schemas).await.unwrap();
    }
    println!("fingerprint: {:?}", begun.elapsed() / 100);
    let name = Name { schema: "ops".into(), name: "list_projects".into() };
    let statement: Statement = call(catalogue.functions[&name][0].clone(), Arguments::None).output(Output::Json).into();
    let actor = Actor::User { user_id: org.owner, claims: None };
    let session = Session {
        schema: "ops",
        method: "POST",
        path: "/rpc/list_projects",
        headers: r#"{"host":"localhost","accept":"*/*"}"#,
        cookies: "{}",
        time_zone: None,
    };
    let begun = Instant::now();
    for _ in 0..CALLS {
        assert_eq!(db.run_rest(&actor, &session, &statement).await.unwrap().rows, 20);
    }
    println!("list_projects, one after the other: {:.0}/s", f64::from(CALLS) / begun.elapsed().as_secs_f64());
    let claims = actor.claims().to_string();
    let begun = Instant::now();
    for _ in 0..CALLS {
        client.batch_execute("begin").await.unwrap();
        client.batch_execute("set local role authenticated").await.unwrap();
        let set = format!("select set_config('request.jwt.claims', '{claims}', true)");
        client.batch_execute(&set).await.unwrap();
        client.simple_query("select * from ops.list_projects()").await.unwrap();
        client.batch_execute("commit").await.unwrap();
    }
    println!("the same in five trips by hand: {:.0}/s", f64::from(CALLS) / begun.elapsed().as_secs_f64());
}

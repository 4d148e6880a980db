//! SQL in every place where a client's words go: each is taken for what it says and nothing else happens.

use plimsoll_db::Actor;
use plimsoll_db::rest::plan::{
    Arguments, Conflict, Operator, OrderBy, OrderTerm, Output, Quantifier, Resolution, SearchKind, Test,
};
use plimsoll_db::rest::{RestError, Session};
use serde_json::json;

use crate::scene::{
    Ask, SESSION, Scene, alias, asc, call, cast, delete, embedded, eq, field, insert, item, json_arguments, op, read,
    test, text_arguments, to_many, update,
};

const EVIL: &[&str] = &[
    "'; drop table shop.secrets; --",
    "\"; drop table shop.secrets; --",
    "\\'; drop table shop.secrets; --",
    "1) or true; delete from shop.secrets; --",
    "$1",
    "$$; drop table shop.secrets; $$",
    "E'\\'' || (select word from shop.secrets)",
    "\" union select word from shop.secrets --",
    "*/ drop table shop.secrets /*",
    "{\"a\", b\\\\\"}'); drop table shop.secrets; --",
    "\u{0}",
    "a\u{0}'; drop table shop.secrets; --",
    "\u{feff}",
    "\u{2019}; drop table shop.secrets",
    "%",
    "{}",
    "null",
    "",
];

/// Either an answer that knows no secret, or a refusal; and the secret is where it was.
async fn holds(scene: &Scene, what: &str, ask: Ask) {
    match scene.try_run(ask).await {
        Ok(outcome) => {
            let body = outcome.body.unwrap_or_default();
            assert!(!body.contains("hush"), "{what}: {body}");
        }
        Err(RestError::Database { code, message, .. }) => {
            // No syntax error: the words never were part of the statement. A type could be called `null`, and nothing "".
            let is_name = message.contains("is not the name of a type")
                || message.ends_with("at or near \"null\"")
                || message.starts_with("zero-length delimited identifier");
            assert!(code != "42601" || is_name, "{what}: {code} {message}");
            assert!(!message.contains("hush"), "{what}: {message}");
        }
        Err(other) => panic!("{what}: {other:?}"),
    }
    assert_eq!(scene.value("select word from shop.secrets").await, "hush", "{what}");
}

#[tokio::test]
async fn values_and_names() {
    let scene = Scene::new().await;
    for evil in EVIL {
        let evil = *evil;
        let list = || vec![evil.to_owned(), "x".to_owned()];
        let asks = [
            read("people").filter(eq("name", evil)),
            read("people").filter(eq(evil, "1")),
            read("people").filter(eq("id", evil)),
            read("people").filter(op("name", Operator::Like, evil)),
            read("people").filter(test("name", Test::In(list()))),
            read("people").filter(test(
                "name",
                Test::Quantified { operator: Operator::Eq, quantifier: Quantifier::Any, values: evil.to_owned() },
            )),
            read("clients").filter(test(
                "words",
                Test::Search {
                    kind: SearchKind::Query,
                    config: Some(evil.to_owned()),
                    value: evil.to_owned(),
                    is_vector: true,
                },
            )),
            read("clients").select(&[&format!("data->{evil}->>{evil}")]),
            read("clients").filter(eq(&format!("data->>{evil}"), evil)),
            read("people").select(&[evil]),
            read("people").items(vec![alias("id", evil)]),
            read("people").items(vec![alias("id", evil)]).output(Output::Csv),
            read("people").items(vec![cast("id", evil)]),
            read("people").items(vec![cast("name", &format!("text) from shop.people, (select word as {evil}"))]),
            read("people").order(asc(evil)),
            read(evil),
            read("projects").items(vec![
                item("id"),
                embedded({
                    let mut tasks = to_many(1, "tasks", &[("id", "project_id")], &["id"]);
                    tasks.key = evil.to_owned();
                    tasks.read.filter = vec![eq("name", evil)];
                    tasks
                }),
            ]),
            read("projects").items(vec![item("id"), embedded(to_many(1, evil, &[("id", evil)], &[evil]))]),
            read("projects")
                .items(vec![item("id"), embedded(to_many(1, "tasks", &[("id", "project_id")], &["id"]))])
                .order(OrderTerm {
                    by: OrderBy::Embedded { embed_id: 1, field: field(evil) },
                    descending: None,
                    nulls_first: None,
                }),
            call(scene.function("join", 2), text_arguments(&[("sep", &[evil]), ("words", &[evil, evil])])),
            call(scene.function("add", 2), text_arguments(&[("a", &[evil])])),
            call(scene.function("add", 2), json_arguments(&json!({ "a": evil }).to_string(), &["a"])),
            call(scene.function("whole_text", 1), Arguments::Body(evil.as_bytes().to_vec())),
            call(scene.function("whole_json", 1), Arguments::Body(evil.as_bytes().to_vec())),
            insert("people", &[("id", "integer"), ("name", "text")], &json!({"id": 9, "name": evil}).to_string()),
            insert("people", &[(evil, "text")], &json!({ evil: evil }).to_string()),
            insert("people", &[("id", "integer")], evil),
            insert("people", &[("id", "integer")], r#"{"id": 1}"#)
                .conflict(Conflict { resolution: Resolution::MergeDuplicates, target: vec![evil.to_owned()] }),
            update("people", &[("name", "text")], &json!({ "name": evil }).to_string(), vec![eq("name", evil)]),
            update("people", &[(evil, "text")], "{}", vec![]),
            delete("people", vec![eq("name", evil)]),
        ];
        for (n, ask) in asks.into_iter().enumerate() {
            holds(&scene, &format!("{evil:?} in {n}"), ask).await;
        }
    }
    assert_eq!(scene.refusal(read("people").filter(eq("name", "a\0b"))).await.0, "22021");
    assert_eq!(scene.refusal(read("people").items(vec![alias("id", "a\0b")])).await.0, "22021");
}

/// What a client wrote comes back as it was.
#[tokio::test]
async fn odd_words_are_kept() {
    let scene = Scene::new().await;
    for evil in EVIL.iter().filter(|evil| !evil.contains('\0')) {
        let row = insert("people", &[("id", "integer"), ("name", "text")], &json!({"id": 9, "name": evil}).to_string());
        assert_eq!(scene.json(row).await, json!([{"id": 9, "name": evil}]));
        let found = read("people").filter(test("name", Test::In(vec![(*evil).to_owned(), "x".to_owned()])));
        assert_eq!(scene.json(found.select(&["id"])).await, json!([{"id": 9}]), "{evil:?}");
        scene.run(delete("people", vec![eq("name", evil)])).await;
    }
}

#[tokio::test]
async fn settings_of_the_request() {
    let scene = Scene::new().await;
    let setting = async |session: &Session<'_>, name: &str| {
        let ask = call(scene.function("setting", 1), text_arguments(&[("name", &[name])]));
        scene.db.run_rest(&Actor::Service, session, &ask.into()).await
    };
    for evil in EVIL {
        let headers = json!({ "user-agent": evil }).to_string();
        let session = Session { path: evil, method: evil, headers: &headers, cookies: evil, ..SESSION };
        match setting(&session, "request.path").await {
            Ok(outcome) => assert_eq!(outcome.body.unwrap(), json!(evil).to_string()),
            Err(RestError::Database { code, .. }) => {
                assert!(code == "22021" && evil.contains('\0'), "{evil:?}: {code}")
            }
            Err(other) => panic!("{evil:?}: {other:?}"),
        }
        let schema = Session { schema: evil, ..SESSION };
        let path = setting(&schema, "search_path").await;
        assert!(path.is_ok() != evil.contains('\0') || evil.is_empty(), "{evil:?}: {path:?}");
        assert_eq!(scene.value("select word from shop.secrets").await, "hush", "{evil:?}");
    }
    let claims = json!({"sub": "x", "note": "\\'; drop table shop.secrets; -- \u{0}", "role": "service_role"});
    let member = Actor::User { user_id: uuid::Uuid::nil(), claims: Some(claims) };
    let who = call(scene.function("who", 0), Arguments::None);
    let outcome = scene.db.run_rest(&member, &SESSION, &who.into()).await.unwrap();
    assert_eq!(outcome.body.as_deref(), Some("\"authenticated\""));
    let session = Session { time_zone: Some("Asia/Tokyo"), ..SESSION };
    assert_eq!(setting(&session, "timezone").await.unwrap().body.as_deref(), Some("\"Asia/Tokyo\""));
    assert_ne!(setting(&SESSION, "timezone").await.unwrap().body.as_deref(), Some("\"Asia/Tokyo\""));
    let path = setting(&SESSION, "search_path").await.unwrap().body.unwrap();
    assert_eq!(path, json!("\"shop\", \"public\", \"extensions\"").to_string());
}

/// Backslashes mean themselves, whatever the server thinks of them in literals.
#[tokio::test]
async fn old_string_literals() {
    let scene = Scene::new().await;
    let set = format!("alter database {} set standard_conforming_strings = off", scene.test.name());
    // Some versions no longer know how to be so old.
    if scene.client.batch_execute(&set).await.is_err() {
        return;
    }
    let db = plimsoll_db::Db::open(scene.test.direct_url(), 1).unwrap();
    for evil in ["\\'; drop table shop.secrets; --", "\\", "\\\\'"] {
        let session = Session { path: evil, ..SESSION };
        let ask = call(scene.function("setting", 1), text_arguments(&[("name", &["request.path"])]));
        let outcome = db.run_rest(&Actor::Service, &session, &ask.into()).await.unwrap();
        assert_eq!(outcome.body.unwrap(), json!(evil).to_string());
        let csv = read("people").filter(eq("name", evil)).output(Output::Csv);
        assert_eq!(db.run_rest(&Actor::Service, &SESSION, &csv.into()).await.unwrap().rows, 0);
    }
    assert_eq!(scene.value("select word from shop.secrets").await, "hush");
}

#[tokio::test]
async fn too_many_values_and_deep_logic() {
    let scene = Scene::new().await;
    let mut many = read("people");
    many.read().filter = (0..70_000).map(|n| eq("id", &n.to_string())).collect();
    assert_eq!(scene.refusal(many).await.0, "54023");
    let mut deep = eq("id", "1");
    for _ in 0..200 {
        deep = plimsoll_db::rest::plan::Condition::Not(Box::new(deep));
    }
    assert_eq!(scene.json(read("people").filter(deep).select(&["id"])).await, json!([{"id": 1}]));
}

#[tokio::test]
async fn rows_of_too_many_kinds_are_refused() {
    let scene = Scene::new().await;
    let wide: Vec<String> = (0..9).map(|n| format!("c{n}")).collect();
    let sql = format!("create table shop.wide (k int, {} int default 1)", wide.join(" int default 1, "));
    scene.client.batch_execute(&format!("{sql}; grant all on shop.wide to service_role")).await.unwrap();
    let rows = |kinds: u32| {
        let row = |kind: u32| {
            let sent = wide.iter().enumerate().filter(|(n, _)| kind >> n & 1 == 1).map(|(_, c)| format!(",\"{c}\":2"));
            format!("{{\"k\":{kind}{}}}", sent.collect::<String>())
        };
        format!("[{}]", (0..kinds).map(row).collect::<Vec<_>>().join(","))
    };
    let mut columns = vec![("k", "integer")];
    columns.extend(wide.iter().map(|name| (name.as_str(), "integer=")));
    let ask = |kinds| insert("wide", &columns, &rows(kinds)).missing_is_default();
    assert_eq!(scene.run(ask(256)).await.rows, 256);
    let (code, message) = scene.refusal(ask(257)).await;
    assert_eq!(code, "22023");
    assert!(message.contains("257 different ways"), "{message}");
}

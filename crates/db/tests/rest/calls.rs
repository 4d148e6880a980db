//! Functions of every shape.

use plimsoll_db::rest::RestError;
use plimsoll_db::rest::plan::{Arguments, Count, Operator, Output};
use serde_json::json;

use crate::scene::{Scene, asc, call, embedded, eq, item, json_arguments, op, read, text_arguments, to_many, to_one};

#[tokio::test]
async fn values_come_bare_and_sets_as_arrays() {
    let scene = Scene::new().await;
    let add = scene.function("add", 2);
    let both = call(add.clone(), json_arguments(r#"{"a": 2, "b": 3, "c": 9}"#, &["a", "b"]));
    let outcome = scene.run(both.clone().count(Count::Exact)).await;
    assert_eq!((outcome.body.as_deref(), outcome.rows, outcome.total), (Some("5"), 1, Some(1)));
    assert_eq!(scene.text(call(add.clone(), json_arguments(r#"{"a": "2"}"#, &["a"]))).await, "3");
    assert_eq!(scene.text(call(add, json_arguments(r#"[{"a": 4}, {"a": 9}]"#, &["a"]))).await, "5");
    assert_eq!(scene.text(both.output(Output::Csv)).await, "pgrst_scalar\n5");
    let void = scene.run(scene.call("nothing", Arguments::None)).await;
    assert_eq!((void.body, void.rows), (None, 1));

    let words = scene.call("words", Arguments::None);
    assert_eq!(scene.json(words.clone()).await, json!(["a", "b", null, "c"]));
    let page = scene.run(words.clone().limit(2, 1).count(Count::Exact)).await;
    assert_eq!((page.body.as_deref(), page.rows, page.total), (Some("[\"b\", null]"), 2, Some(4)));
    let none = scene.run(words.output(Output::Nothing)).await;
    assert_eq!((none.body, none.rows), (None, 4));
    assert_eq!(scene.json(scene.call("some_record", Arguments::None)).await, json!({"a": 1, "b": "x"}));
    let records = scene.json(scene.call("some_records", Arguments::None)).await;
    assert_eq!(records.as_array().unwrap().len(), 2);
    assert_eq!(scene.text(scene.call("half", json_arguments(r#"{"c": 3}"#, &["c"]))).await, "1.50");
    assert_eq!(scene.refusal(scene.call("half", json_arguments(r#"{"c": -3}"#, &["c"]))).await.0, "23514");
    assert_eq!(scene.text(scene.call("bigger", json_arguments(r#"{"s": "small"}"#, &["s"]))).await, "\"large\"");
    assert_eq!(scene.refusal(scene.call("bigger", json_arguments(r#"{"s": "x"}"#, &["s"]))).await.0, "22P02");
    assert_eq!(scene.json(scene.call("tags", json_arguments(r#"{"t": ["a", "b"]}"#, &["t"]))).await, json!(["a", "b"]));
    assert_eq!(scene.json(scene.call("tags", json_arguments(r#"{"t": "{a,b}"}"#, &["t"]))).await, json!(["a", "b"]));
    assert_eq!(scene.text(scene.call("tags", json_arguments(r#"{"t": null}"#, &["t"]))).await, "null");
    let range = json_arguments(r#"{"low": 1, "high": 3}"#, &["low", "high"]);
    assert_eq!(scene.text(scene.call("range", range)).await, "\"[1,3)\"");
    assert_eq!(scene.text(scene.call("kind_of", json_arguments(r#"{"arg": {"k": 1}}"#, &["arg"]))).await, "\"object\"");
    let long = json_arguments(r#"{"c": "long"}"#, &["c"]);
    assert_eq!(scene.text(scene.call("kinds", long)).await, "\"object:long\"");
}

#[tokio::test]
async fn rows_are_objects_or_arrays_and_can_be_filtered() {
    let scene = Scene::new().await;
    let point = |name: &str| scene.call(name, Arguments::None);
    assert_eq!(scene.json(point("origin")).await, json!({"x": 0, "y": 0}));
    assert_eq!(scene.json(point("home")).await, json!({"x": 1, "y": 2}));
    assert_eq!(scene.json(point("home").select(&["y"])).await, json!({"y": 2}));
    // As with PostgREST, no row is a row of nulls.
    assert_eq!(scene.json(point("nowhere")).await, json!({"x": null, "y": null}));
    assert_eq!(scene.json(point("nowhere").output(Output::JsonWithoutNulls)).await, json!({}));
    assert_eq!(scene.json(scene.call("one_out", json_arguments(r#"{"n": 5}"#, &["n"]))).await, json!({"plus_one": 6}));
    let both = scene.call("in_and_out", json_arguments(r#"{"n": 5}"#, &["n"]));
    assert_eq!(scene.json(both).await, json!({"n": 6, "word": "w"}));
    let table = scene.call("table_of", json_arguments(r#"{"n": 3}"#, &["n"]));
    assert_eq!(scene.json(table.clone()).await[2], json!({"i": 3, "size": "large", "cost": 3.00}));
    let some = table.select(&["i"]).filter(op("i", Operator::Gt, "1")).order(asc("i")).limit(1, 1).count(Count::Exact);
    let outcome = scene.run(some.clone()).await;
    assert_eq!((outcome.body.as_deref(), outcome.rows, outcome.total), (Some("[{\"i\":3}]"), 1, Some(2)));
    assert_eq!(scene.text(some.output(Output::Csv)).await, "i\n3");

    let projects = scene.call("client_projects", json_arguments(r#"{"client": 1}"#, &["client"]));
    let client = to_one(1, "clients", &[("client_id", "id")], &["name"]);
    let tasks = to_many(2, "tasks", &[("id", "project_id")], &["id"]);
    let ask = projects.clone().items(vec![item("name"), embedded(client), embedded(tasks)]).order(asc("id"));
    let expected = json!([
        {"name": "Alpha", "clients": {"name": "Acme"}, "tasks": [{"id": 1}, {"id": 2}]},
        {"name": "Beta", "clients": {"name": "Acme"}, "tasks": [{"id": 3}]},
    ]);
    assert_eq!(scene.json(ask.clone()).await, expected);
    let outcome = scene.run(ask.limit(1, 0).count(Count::Exact)).await;
    assert_eq!((outcome.rows, outcome.total), (1, Some(2)));
    let (code, message) = scene.refusal(projects.filter(eq("nope", "1"))).await;
    assert_eq!((code.as_str(), message.as_str()), ("42703", "column client_projects.nope does not exist"));
    let one = scene.call("project", json_arguments(r#"{"id": 2}"#, &["id"])).select(&["name"]);
    assert_eq!(scene.json(one.output(Output::Object).singular()).await, json!({"name": "Beta"}));
}

#[tokio::test]
async fn arguments_as_text_as_lists_and_as_the_whole_body() {
    let scene = Scene::new().await;
    let add = scene.function("add", 2);
    assert_eq!(scene.text(call(add.clone(), text_arguments(&[("b", &["1", "7"]), ("a", &["2"])]))).await, "9");
    assert_eq!(scene.refusal(call(add, text_arguments(&[("a", &["x"])]))).await.0, "22P02");
    let joined = async |arguments| scene.text(scene.call("join", arguments)).await;
    assert_eq!(joined(text_arguments(&[("sep", &["-"]), ("words", &["a", "b,\"c"])])).await, r#""a-b,\"c""#);
    assert_eq!(scene.json(scene.call("gather", Arguments::None)).await, json!(["none"]));
    assert_eq!(scene.json(scene.call("gather", text_arguments(&[("v", &["a", "b"])]))).await, json!(["a", "b"]));
    assert_eq!(joined(text_arguments(&[("sep", &["-"]), ("words", &[""])])).await, "\"\"");
    let list = json_arguments(r#"{"words": ["a", "b"], "sep": "+"}"#, &["words", "sep"]);
    assert_eq!(joined(list).await, "\"a+b\"");
    assert_eq!(scene.json(scene.call("tags", text_arguments(&[("t", &["{a,b}"])]))).await, json!(["a", "b"]));
    // Where JSON is wanted a text is read as JSON.
    assert_eq!(scene.text(scene.call("kind_of", text_arguments(&[("arg", &["{\"a\": 1}"])]))).await, "\"object\"");
    assert_eq!(scene.text(scene.call("kinds", text_arguments(&[("arg", &["1"])]))).await, "\"number:x\"");
    for name in ["kind_of", "kinds"] {
        let (code, message) = scene.refusal(scene.call(name, text_arguments(&[("arg", &["{\"a\""])]))).await;
        assert_eq!((code.as_str(), message.as_str()), ("22P02", "invalid input syntax for type json"));
    }

    let body = |bytes: &[u8]| Arguments::Body(bytes.to_vec());
    assert_eq!(scene.json(scene.call("whole_json", body(b"[1, {\"a\": 2}]"))).await, json!([1, {"a": 2}]));
    assert_eq!(scene.refusal(scene.call("whole_json", body(b"{nope"))).await.0, "22P02");
    assert_eq!(scene.text(scene.call("whole_text", body("grüezi".as_bytes()))).await, "\"GRÜEZI\"");
    assert_eq!(scene.refusal(scene.call("whole_text", body(b"\xff"))).await.0, "22021");
    assert_eq!(scene.text(scene.call("whole_bytes", body(b"\xff\x00\\x41"))).await, "6");
}

#[tokio::test]
async fn settings_go_in_and_responses_come_out() {
    let scene = Scene::new().await;
    let tea = scene.run(scene.call("teapot", Arguments::None)).await;
    assert_eq!(tea.status.as_deref(), Some("418"));
    assert_eq!(tea.headers.as_deref(), Some(r#"[{"X-Tea": "green"}]"#));
    let quiet = scene.run(scene.call("teapot", Arguments::None).output(Output::Nothing)).await;
    assert_eq!((quiet.status.as_deref(), quiet.body), (Some("418"), None));
    // Nothing of it is left for the next request on the same connection.
    let next = scene.run(read("people")).await;
    assert_eq!((next.status, next.headers), (None, None));
    match scene.try_run(scene.call("fails", Arguments::None)).await.unwrap_err() {
        RestError::Database { code, message, details, hint } => {
            assert_eq!((code.as_str(), message.as_str()), ("PT402", "no money"));
            assert_eq!((details.as_deref(), hint.as_deref()), (Some("quota"), Some("pay")));
        }
        other => panic!("{other:?}"),
    }
    // Even if nobody wants to see the value.
    assert_eq!(scene.refusal(scene.call("fails", Arguments::None).output(Output::Nothing)).await.0, "PT402");
}

#[tokio::test]
async fn a_function_runs_once() {
    let scene = Scene::new().await;
    for ask in [
        scene.call("tick", Arguments::None),
        scene.call("tick", Arguments::None).output(Output::Nothing),
        scene.call("tick", Arguments::None).output(Output::Csv).count(Count::Exact),
        scene.call("tick", Arguments::None).count(Count::Exact).limit(1, 0),
    ] {
        let before: i64 = scene.value("select last_value + is_called::int from shop.ticks").await.parse().unwrap();
        scene.run(ask).await;
        let after: i64 = scene.value("select last_value + is_called::int from shop.ticks").await.parse().unwrap();
        assert_eq!(after - before, 1);
    }
    let made = scene.call("make_people", json_arguments(r#"{"n": 3}"#, &["n"])).limit(1, 0).count(Count::Exact);
    let outcome = scene.run(made).await;
    assert_eq!((outcome.rows, outcome.total), (1, Some(3)));
    assert_eq!(scene.value("select count(*) from shop.people").await, "5");
}

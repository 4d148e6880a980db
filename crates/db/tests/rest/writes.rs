//! Inserts, upserts, updates and deletes.

use plimsoll_db::Actor;
use plimsoll_db::rest::RestError;
use plimsoll_db::rest::plan::{Action, Conflict, Count, Operator, Output, Resolution};
use serde_json::json;

use crate::scene::{Ask, SESSION, Scene, asc, delete, embedded, eq, insert, item, op, to_many, to_one, update};

const PEOPLE: &[(&str, &str)] = &[("id", "integer"), ("name", "text")];

#[tokio::test]
async fn rows_of_json_become_rows() {
    let scene = Scene::new().await;
    let two =
        insert("people", PEOPLE, r#"[{"id": 5, "name": "Eve"}, {"name": "Fay", "id": "6", "more": 1}, {"id": 7}]"#);
    let outcome = scene.run(two.clone().count(Count::Exact)).await;
    assert_eq!((outcome.rows, outcome.total, outcome.inserted), (3, Some(3), None));
    let expected = json!([{"id": 5, "name": "Eve"}, {"id": 6, "name": "Fay"}, {"id": 7, "name": null}]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&outcome.body.unwrap()).unwrap(), expected);
    assert_eq!(scene.refusal(two).await.0, "23505");
    let columns = [
        ("name", "text"),
        ("tags", "text[]"),
        ("size", "shop.size"),
        ("at", "shop.point"),
        ("data", "jsonb"),
        ("cost", "shop.cost"),
        ("Weird \"Name", "text"),
        ("code", "character varying(3)"),
    ];
    let one = r#"{"name": "New", "tags": ["a", "b"], "size": "large", "at": {"x": 1}, "data": {"k": [1]}, "cost": "1.5",
                  "Weird \"Name": "w", "code": "abc"}"#;
    let made =
        scene.json(insert("clients", &columns, one).select(&["id", "tags", "at", "data", "cost", "twice"])).await;
    assert_eq!(
        made,
        json!([{"id": 101, "tags": ["a", "b"], "at": {"x": 1, "y": null}, "data": {"k": [1]}, "cost": 1.5, "twice": 202}])
    );
    let refused = async |json: &str| scene.refusal(insert("clients", &columns, json)).await.0;
    assert_eq!(refused(r#"{"name": "x", "size": "tiny"}"#).await, "22P02");
    assert_eq!(refused(r#"{"name": "x", "cost": -1}"#).await, "23514");
    assert_eq!(refused(r#"{"name": null}"#).await, "23502");
    assert_eq!(refused(r#"{"name": "x", "code": "long"}"#).await, "22001");
    assert_eq!(refused("[1]").await, "22023");
    assert_eq!(refused("{nope").await, "22P02");
    assert_eq!(scene.refusal(insert("clients", &[("nope", "text")], "{}")).await.0, "42703");
    // Never to be written, and PostgreSQL says so.
    assert_eq!(scene.refusal(insert("clients", &[("name", "text"), ("twice", "integer")], "{}")).await.0, "428C9");
    // No columns: defaults, so many times.
    scene.client.batch_execute("create table shop.d (id serial primary key, n int default 7); grant all on shop.d, shop.d_id_seq to service_role").await.unwrap();
    assert_eq!(scene.json(insert("d", &[], "{}")).await, json!([{"id": 1, "n": 7}]));
    assert_eq!(scene.json(insert("d", &[], "[{}, {}]").select(&["id"])).await, json!([{"id": 2}, {"id": 3}]));
    assert_eq!(scene.json(insert("d", &[], "[]")).await, json!([]));
}

#[tokio::test]
async fn what_a_row_leaves_out_can_take_its_default() {
    let scene = Scene::new().await;
    let columns = &[("id", "integer="), ("name", "text"), ("priority", "integer="), ("done", "boolean=")];
    let add =
        |json: &str| insert("tasks", columns, json).missing_is_default().select(&["id", "name", "priority", "done"]);
    let rows = r#"[{"name": "a"}, {"name": "b"}, {"name": "c", "priority": 9, "done": null}, {"id": 50}, {"name": "d", "id": 51}]"#;
    // The two rows before the one without a name took their numbers.
    assert_eq!(scene.refusal(add(rows)).await.0, "23502");
    let rows = rows.replace("{\"id\": 50}", "{\"id\": 50, \"name\": \"x\"}");
    assert_eq!(
        scene.json(add(&rows)).await,
        json!([
            {"id": 104, "name": "a", "priority": 3, "done": false}, {"id": 105, "name": "b", "priority": 3, "done": false},
            {"id": 106, "name": "c", "priority": 9, "done": null}, {"id": 50, "name": "x", "priority": 3, "done": false},
            {"id": 51, "name": "d", "priority": 3, "done": false},
        ])
    );
    assert_eq!(scene.json(add(r#"{"name": "one"}"#)).await[0]["priority"], 3);
    // Many rows with changing keys are still few statements.
    let many: Vec<String> = (0..500)
        .map(|n| if n % 2 == 0 { r#"{"name": "m"}"#.into() } else { format!(r#"{{"name": "m", "priority": {n}}}"#) })
        .collect();
    let outcome = scene.run(add(&format!("[{}]", many.join(","))).output(Output::Nothing)).await;
    assert_eq!((outcome.rows, outcome.body), (500, None));
    assert_eq!(scene.value("select count(*) from shop.tasks where name = 'm' and priority = 3").await, "251");

    let set = &[("name", "text"), ("priority", "integer="), ("done", "boolean=")];
    let renamed = update("tasks", set, r#"{"name": "n"}"#, vec![eq("id", "50")]).missing_is_default();
    assert_eq!(
        scene.json(renamed.select(&["name", "priority", "done"])).await,
        json!([{"name": "n", "priority": 3, "done": false}])
    );
    let only = update("tasks", &[("priority", "integer=")], "[{}]", vec![eq("id", "1")]).missing_is_default();
    assert_eq!(scene.json(only.select(&["priority"])).await, json!([{"priority": 3}]));
}

#[tokio::test]
async fn upserts_tell_new_rows_from_old() {
    let scene = Scene::new().await;
    let on = |resolution, target: &[&str]| Conflict {
        resolution,
        target: target.iter().map(|column| (*column).to_owned()).collect(),
    };
    let merge = |json: &str| insert("people", PEOPLE, json).conflict(on(Resolution::MergeDuplicates, &["id"]));
    let outcome =
        scene.run(merge(r#"[{"id": 1, "name": "Ann2"}, {"id": 8, "name": "Hal"}, {"id": 9, "name": "Ida"}]"#)).await;
    assert_eq!((outcome.rows, outcome.inserted), (3, Some(2)));
    let again =
        scene.run(merge(r#"[{"id": 1, "name": "Ann3"}, {"id": 8, "name": "Hal"}]"#).output(Output::Nothing)).await;
    assert_eq!((again.rows, again.inserted), (2, Some(0)));
    assert_eq!(scene.value("select name from shop.people where id = 1").await, "Ann3");
    let none = scene.run(merge("[]")).await;
    assert_eq!((none.rows, none.inserted, none.body.as_deref()), (0, Some(0), Some("[]")));
    assert_eq!(scene.refusal(merge(r#"[{"id": 1}, {"id": 1}]"#)).await.0, "21000");
    let ignore = insert("people", PEOPLE, r#"[{"id": 1, "name": "No"}, {"id": 20, "name": "Yes"}]"#)
        .conflict(on(Resolution::IgnoreDuplicates, &["id"]));
    let outcome = scene.run(ignore).await;
    assert_eq!((outcome.rows, outcome.body.as_deref()), (1, Some(r#"[{"id":20,"name":"Yes"}]"#)));
    // By another key, on a partitioned table, through a view, and where all columns are the key.
    let by_name = insert("clients", &[("name", "text"), ("code", "text")], r#"{"name": "Acme", "code": "zz"}"#)
        .conflict(on(Resolution::MergeDuplicates, &["name"]));
    assert_eq!(scene.json(by_name.select(&["id", "code"])).await, json!([{"id": 1, "code": "zz"}]));
    let events = &[("id", "integer"), ("at", "date"), ("note", "text")];
    for (note, new) in [("a", 1), ("b", 0)] {
        let json = format!(r#"{{"id": 1, "at": "2026-05-05", "note": "{note}"}}"#);
        let ask = insert("events", events, &json).conflict(on(Resolution::MergeDuplicates, &["id", "at"]));
        assert_eq!(scene.run(ask).await.inserted, Some(new));
    }
    scene.client.batch_execute("grant insert, update, select on shop.big_projects to service_role").await.unwrap();
    let view = insert(
        "big_projects",
        &[("id", "integer"), ("name", "text"), ("budget", "integer")],
        r#"[{"id": 2, "name": "B", "budget": 151}, {"id": 77, "name": "N", "budget": 200}]"#,
    )
    .conflict(on(Resolution::MergeDuplicates, &["id"]));
    assert_eq!(scene.run(view).await.inserted, Some(1));
    let key = &[("task_id", "integer"), ("person_id", "integer")];
    let keys = insert("assignments", key, r#"[{"task_id": 1, "person_id": 1}, {"task_id": 3, "person_id": 1}]"#)
        .conflict(on(Resolution::MergeDuplicates, &["task_id", "person_id"]));
    assert_eq!(scene.run(keys).await.inserted, Some(1));
    // No key, no conflict.
    let keyless = insert("regions", &[("country", "text"), ("code", "text")], r#"{"country": "FR", "code": "PA"}"#)
        .conflict(on(Resolution::MergeDuplicates, &[]));
    assert_eq!(scene.run(keyless).await.inserted, Some(1));

    // PUT: the row must be the one of the URL.
    let put = |json: &str, id: &str| {
        let mut ask = merge(json).singular();
        let Action::Insert(insert) = &mut ask.0.action else { unreachable!() };
        insert.filter = vec![eq("id", id)];
        ask
    };
    assert_eq!(scene.run(put(r#"{"id": 30, "name": "Put"}"#, "30")).await.inserted, Some(1));
    assert_eq!(scene.run(put(r#"{"id": 30, "name": "Putt"}"#, "30")).await.inserted, Some(0));
    let other = scene.try_run(put(r#"{"id": 31, "name": "Put"}"#, "30")).await;
    assert!(matches!(other, Err(RestError::NotSingular { rows: 0 })));
}

#[tokio::test]
async fn updates_and_deletes_answer_what_they_changed() {
    let scene = Scene::new().await;
    let rename = |json: &str, filter| update("projects", &[("name", "text"), ("budget", "integer")], json, filter);
    let client = to_one(1, "clients", &[("client_id", "id")], &["name"]);
    let tasks = to_many(2, "tasks", &[("id", "project_id")], &["id"]);
    let items = || vec![item("name"), embedded(client.clone()), embedded(tasks.clone())];
    let changed = rename(r#"{"name": "Z", "budget": null}"#, vec![op("id", Operator::Lte, "2")]);
    assert_eq!(
        scene.json(changed.items(items()).order(asc("id"))).await,
        json!([
            {"name": "Z", "clients": {"name": "Acme"}, "tasks": [{"id": 1}, {"id": 2}]},
            {"name": "Z", "clients": {"name": "Acme"}, "tasks": [{"id": 3}]},
        ])
    );
    let many = rename(r#"[{"name": "first"}, {"name": "second"}]"#, vec![eq("id", "1")]).count(Count::Exact);
    let outcome = scene.run(many.select(&["name"])).await;
    assert_eq!((outcome.body.as_deref(), outcome.rows, outcome.total), (Some(r#"[{"name":"first"}]"#), 1, Some(1)));
    let none = scene.run(rename(r#"{"name": "x"}"#, vec![eq("id", "99")])).await;
    assert_eq!((none.body.as_deref(), none.rows), (Some("[]"), 0));
    // Nothing to set.
    for ask in
        [update("projects", &[], "{}", vec![]), update("projects", &[], "[]", vec![eq("id", "1")]).select(&["id"])]
    {
        let outcome = scene.run(ask.clone()).await;
        assert_eq!((outcome.body.as_deref(), outcome.rows), (Some("[]"), 0));
        assert_eq!(scene.run(ask.output(Output::Nothing)).await.rows, 0);
    }
    assert_eq!(scene.refusal(rename(r#"{"budget": "x"}"#, vec![])).await.0, "22P02");
    assert_eq!(scene.refusal(rename(r#"{"name": null}"#, vec![])).await.0, "23502");

    let gone = delete("projects", vec![eq("id", "2")]).items(vec![item("id"), embedded(client)]);
    assert_eq!(scene.json(gone).await, json!([{"id": 2, "clients": {"name": "Acme"}}]));
    let outcome =
        scene.run(delete("assignments", vec![eq("person_id", "2")]).output(Output::Nothing).count(Count::Exact)).await;
    assert_eq!((outcome.rows, outcome.total, outcome.body), (2, Some(2), None));
    assert_eq!(scene.run(delete("assignments", vec![])).await.rows, 2);
    assert_eq!(scene.refusal(delete("clients", vec![eq("id", "1")])).await.0, "23503");
}

#[tokio::test]
async fn the_location_is_the_key_of_the_one_new_row() {
    let scene = Scene::new().await;
    let located = async |ask: Ask, key: &[&str]| {
        let mut ask = ask.output(Output::Location);
        let Action::Insert(insert) = &mut ask.0.action else { unreachable!() };
        insert.primary_key = key.iter().map(|column| (*column).to_owned()).collect();
        let outcome = scene.run(ask).await;
        assert_eq!(outcome.body, None);
        outcome.location
    };
    let pair = |column: &str, value: &str| (column.to_owned(), value.to_owned());
    let one = insert("projects", &[("name", "text")], r#"{"name": "L"}"#);
    assert_eq!(located(one.clone(), &["id"]).await, Some(vec![pair("id", "101")]));
    assert_eq!(located(one, &[]).await, None);
    let event = insert("events", &[("id", "integer"), ("at", "date")], r#"{"id": 4, "at": "2026-02-03"}"#);
    assert_eq!(located(event, &["id", "at"]).await, Some(vec![pair("id", "4"), pair("at", "2026-02-03")]));
    let two = insert("people", PEOPLE, r#"[{"id": 40}, {"id": 41}]"#);
    assert_eq!(located(two, &["id"]).await, None);
}

/// Rights on single columns are enough for what touches only those.
#[tokio::test]
async fn no_right_is_asked_for_that_is_not_used() {
    let scene = Scene::new().await;
    let member = Actor::User { user_id: uuid::Uuid::nil(), claims: None };
    let run = async |ask: Ask| scene.db.run_rest(&member, &SESSION, &ask.into()).await;
    let rename = update("people", &[("name", "text")], r#"{"name": "R"}"#, vec![eq("id", "1")]);
    assert_eq!(run(rename.clone().output(Output::Nothing)).await.unwrap().rows, 1);
    assert_eq!(run(rename.clone().select(&["id"])).await.unwrap().body.as_deref(), Some("[{\"id\":1}]"));
    let denied = run(rename).await.unwrap_err();
    assert!(matches!(denied, RestError::Database { code, .. } if code == "42501"));
}

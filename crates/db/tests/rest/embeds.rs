//! Rows of related tables within rows.

use plimsoll_db::rest::plan::{Condition, Count, Embed, Item, OrderBy, OrderTerm, Output};
use serde_json::json;

use crate::scene::{Scene, alias, asc, embedded, eq, field, item, many_to_many, op, read, to_many, to_one};

fn client(columns: &[&str]) -> Embed {
    to_one(1, "clients", &[("client_id", "id")], columns)
}

fn tasks(columns: &[&str]) -> Embed {
    let mut tasks = to_many(2, "tasks", &[("id", "project_id")], columns);
    tasks.read.order = vec![asc("id")];
    tasks
}

#[tokio::test]
async fn one_many_and_many_to_many() {
    let scene = Scene::new().await;
    let ask = read("projects").items(vec![item("name"), embedded(client(&["name"])), embedded(tasks(&["name"]))]);
    assert_eq!(
        scene.json(ask.order(asc("id"))).await,
        json!([
            {"name": "Alpha", "clients": {"name": "Acme"}, "tasks": [{"name": "design"}, {"name": "draw"}]},
            {"name": "Beta", "clients": {"name": "Acme"}, "tasks": [{"name": "build"}]},
            {"name": "Gamma", "clients": {"name": "Bolt, \"Ltd\""}, "tasks": [{"name": "ship"}]},
            {"name": "Orphan", "clients": null, "tasks": []},
        ])
    );
    let mut people = many_to_many(7, "people", "assignments", &[("id", "task_id")], &[("person_id", "id")], &["name"]);
    people.key = "who \"does\" it".into();
    people.read.order = vec![asc("name")];
    let ask = read("tasks").items(vec![item("id"), embedded(people)]).order(asc("id"));
    assert_eq!(
        scene.json(ask).await,
        json!([
            {"id": 1, "who \"does\" it": [{"name": "Ann"}, {"name": "Bob"}]},
            {"id": 2, "who \"does\" it": [{"name": "Bob"}]},
            {"id": 3, "who \"does\" it": []},
            {"id": 4, "who \"does\" it": [{"name": "Ann"}]},
        ])
    );
    // All columns, a key of two columns, and a table with itself, both ways.
    let region = to_one(1, "regions", &[("country", "country"), ("code", "code")], &["*"]);
    let ask = read("offices").items(vec![item("id"), embedded(region)]).order(asc("id"));
    let zurich = json!({"country": "CH", "code": "ZH", "name": "Zurich"});
    let offices = scene.json(ask).await;
    assert_eq!((&offices[0]["regions"], &offices[2]["regions"]), (&zurich, &json!(null)));
    let mut parent = to_one(1, "tasks", &[("parent_id", "id")], &["name"]);
    parent.key = "parent".into();
    let mut children = to_many(2, "tasks", &[("id", "parent_id")], &["name"]);
    children.key = "children".into();
    let ask =
        read("tasks").items(vec![item("name"), embedded(parent), embedded(children)]).order(asc("id")).limit(2, 0);
    assert_eq!(
        scene.json(ask).await,
        json!([
            {"name": "design", "parent": null, "children": [{"name": "draw"}]},
            {"name": "draw", "parent": {"name": "design"}, "children": []},
        ])
    );
}

#[tokio::test]
async fn embeds_within_embeds_have_their_own_filters_order_and_range() {
    let scene = Scene::new().await;
    let mut people = many_to_many(5, "people", "assignments", &[("id", "task_id")], &[("person_id", "id")], &["name"]);
    people.read.order = vec![asc("name")];
    let mut tasks = tasks(&["name"]);
    tasks.read.filter = vec![op("priority", plimsoll_db::rest::plan::Operator::Lt, "3")];
    tasks.read.order = vec![OrderTerm { descending: Some(true), ..asc("priority") }];
    tasks.read.limit = Some(1);
    tasks.read.select.push(embedded(people));
    let mut projects = to_many(4, "projects", &[("id", "client_id")], &["name"]);
    projects.read.order = vec![asc("id")];
    projects.read.select.push(embedded(tasks));
    let ask = read("clients").items(vec![item("id"), embedded(projects)]).order(asc("id")).limit(2, 0);
    assert_eq!(
        scene.json(ask).await,
        json!([
            {"id": 1, "projects": [
                {"name": "Alpha", "tasks": [{"name": "draw", "people": [{"name": "Bob"}]}]},
                {"name": "Beta", "tasks": []}]},
            {"id": 2, "projects": [{"name": "Gamma", "tasks": [{"name": "ship", "people": [{"name": "Ann"}]}]}]},
        ])
    );
    let mut bad = client(&["name"]);
    bad.read.filter = vec![eq("nope", "1")];
    let (code, message) = scene.refusal(read("projects").items(vec![item("id"), embedded(bad)])).await;
    assert_eq!((code.as_str(), message.as_str()), ("42703", "column clients_1.nope does not exist"));
}

#[tokio::test]
async fn inner_embeds_and_empty_ones_filter_their_parents() {
    let scene = Scene::new().await;
    let inner = |mut embed: Embed, filter: Condition| {
        (embed.inner, embed.read.filter) = (true, vec![filter]);
        embedded(embed)
    };
    for (embed, expected) in [
        (inner(client(&["name"]), eq("name", "Acme")), vec!["Alpha", "Beta"]),
        (inner(client(&[]), eq("name", "Acme")), vec!["Alpha", "Beta"]),
        (inner(tasks(&["id"]), eq("done", "false")), vec!["Alpha", "Gamma"]),
        (inner(tasks(&[]), eq("done", "false")), vec!["Alpha", "Gamma"]),
    ] {
        let ask = read("projects").items(vec![item("name"), embed]).order(asc("id")).limit(1, 0).count(Count::Exact);
        let outcome = scene.run(ask.clone()).await;
        assert_eq!((outcome.rows, outcome.total), (1, Some(expected.len() as i64)));
        let all = scene.json(ask.limit(9, 0)).await;
        let names: Vec<&str> = all.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected);
    }
    // What selects nothing leaves no key behind, nor does it filter unless it is inner.
    let ask = read("projects").items(vec![item("id"), embedded(client(&[]))]).order(asc("id"));
    let rows = scene.json(ask).await;
    assert_eq!(rows, json!([{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]));
    // Inner within inner: clients with a project that has an unfinished task.
    let mut projects = to_many(4, "projects", &[("id", "client_id")], &["name"]);
    projects.inner = true;
    projects.read.select.push(inner(tasks(&[]), eq("name", "ship")));
    let ask = read("clients").items(vec![item("id"), embedded(projects)]).count(Count::Exact).limit(5, 0);
    let outcome = scene.run(ask).await;
    assert_eq!(
        (outcome.total, outcome.body.unwrap().as_str()),
        (Some(1), r#"[{"id":2,"projects":[{"name": "Gamma"}]}]"#)
    );
}

#[tokio::test]
async fn having_rows_or_not_and_order_by_the_embedded() {
    let scene = Scene::new().await;
    let has = |embed_id, expected| Condition::HasRows { embed_id, expected };
    let items = || vec![item("id"), embedded(client(&[])), embedded(tasks(&["id"]))];
    let found = async |condition: Condition| {
        let ask = read("projects").items(items()).filter(condition).order(asc("id")).limit(9, 0).count(Count::Exact);
        let outcome = scene.run(ask).await;
        let rows: serde_json::Value = serde_json::from_str(&outcome.body.unwrap()).unwrap();
        let ids: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
        assert_eq!(outcome.total, Some(ids.len() as i64));
        ids
    };
    assert_eq!(found(has(1, true)).await, [1, 2, 3]);
    assert_eq!(found(has(1, false)).await, [4]);
    assert_eq!(found(has(2, false)).await, [4]);
    assert_eq!(found(Condition::Or(vec![has(1, false), eq("id", "1")])).await, [1, 4]);
    assert_eq!(found(Condition::Not(Box::new(has(2, true)))).await, [4]);
    assert_eq!(scene.refusal(read("projects").filter(has(9, true))).await.0, "42P01");

    // A column that is not selected orders as well, and nulls do as anywhere.
    for columns in [&["id"][..], &[]] {
        let by = OrderTerm {
            by: OrderBy::Embedded { embed_id: 1, field: field("name") },
            descending: Some(true),
            nulls_first: Some(false),
        };
        let mut ask = read("projects").items(vec![item("id"), embedded(client(columns))]);
        ask.read().order = vec![by, asc("id")];
        let rows = scene.json(ask).await;
        let ids: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [3, 1, 2, 4]);
    }
}

#[tokio::test]
async fn spread_columns_become_the_parents() {
    let scene = Scene::new().await;
    let spread = |mut embed: Embed| {
        embed.spread = true;
        embed
    };
    let of_client = to_one(1, "clients", &[("client_id", "id")], &[]);
    let mut named = spread(of_client);
    named.read.select = vec![
        Item::Field { field: field("name"), cast: None, alias: Some("client".into()), aggregate: None },
        item("size"),
    ];
    let ask = read("projects").items(vec![item("id"), embedded(named.clone())]).order(asc("id"));
    let rows = scene.json(ask).await;
    assert_eq!(rows[0], json!({"id": 1, "client": "Acme", "size": "small"}));
    assert_eq!(rows[3], json!({"id": 4, "client": null, "size": null}));
    // Within another embed, and of many as arrays.
    let mut project = to_one(3, "projects", &[("project_id", "id")], &["name"]);
    project.read.select.push(embedded(named));
    let ask = read("tasks").items(vec![item("id"), embedded(project)]).order(asc("id")).limit(1, 0);
    assert_eq!(
        scene.json(ask).await,
        json!([{"id": 1, "projects": {"name": "Alpha", "client": "Acme", "size": "small"}}])
    );
    let mut many = spread(tasks(&["name", "priority"]));
    let ask =
        |many: &Embed| read("projects").items(vec![alias("id", "project"), embedded(many.clone())]).order(asc("id"));
    let rows = scene.json(ask(&many)).await;
    assert_eq!(rows[0], json!({"project": 1, "name": ["design", "draw"], "priority": [1, 2]}));
    assert_eq!(rows[3], json!({"project": 4, "name": [], "priority": []}));
    // What is spread within it is spread on.
    let mut nested = many.clone();
    let mut parent = spread(to_one(9, "tasks", &[("parent_id", "id")], &[]));
    parent.read.select =
        vec![Item::Field { field: field("name"), cast: None, alias: Some("after".into()), aggregate: None }];
    nested.read.select = vec![item("id"), embedded(parent)];
    let rows = scene.json(ask(&nested)).await;
    assert_eq!(rows[0], json!({"project": 1, "id": [1, 2], "after": [null, "design"]}));
    many.inner = true;
    assert_eq!(scene.json(ask(&many)).await.as_array().unwrap().len(), 3);
    many.read.select = vec![Item::All];
    assert_eq!(scene.refusal(ask(&many)).await.0, "0A000");
}

/// A parent whose table is called as the alias of its child would be, and names as long as PostgreSQL allows.
#[tokio::test]
async fn aliases_do_not_hide_their_parents() {
    let scene = Scene::new().await;
    let long = "x".repeat(63);
    scene
        .client
        .batch_execute(&format!(
            "create table shop.people_1 (id int primary key, boss int references shop.people);
             insert into shop.people_1 values (7, 1), (8, 2);
             create table shop.{long} (id int primary key, parent int references shop.{long});
             insert into shop.{long} values (1, null), (2, 1);
             grant select on shop.people_1, shop.{long} to service_role"
        ))
        .await
        .unwrap();
    let boss = to_one(1, "people", &[("boss", "id")], &["name"]);
    let ask = read("people_1").items(vec![item("id"), embedded(boss)]).order(asc("id"));
    assert_eq!(
        scene.json(ask).await,
        json!([{"id": 7, "people": {"name": "Ann"}}, {"id": 8, "people": {"name": "Bob"}}])
    );
    let mut children = to_many(2, &long, &[("id", "parent")], &["id"]);
    children.key = "children".into();
    let mut parent = to_one(1, &long, &[("parent", "id")], &["id"]);
    parent.key = "parent".into();
    parent.read.select.push(embedded(children));
    let ask = read(&long).items(vec![item("id"), embedded(parent)]).order(asc("id"));
    assert_eq!(
        scene.json(ask).await,
        json!([{"id": 1, "parent": null}, {"id": 2, "parent": {"id": 1, "children": [{"id": 2}]}}])
    );
    let csv = read("projects").items(vec![item("id"), embedded(client(&["id"]))]).order(asc("id")).limit(1, 0);
    assert_eq!(scene.text(csv.output(Output::Csv)).await, "id,clients\n1,\"{\"\"id\"\": 1}\"");
}

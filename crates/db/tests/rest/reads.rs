//! Reads of one relation: columns, filters, order, ranges, counts, formats.

use plimsoll_db::rest::plan::{
    Aggregate, Condition, Count, IsValue, Item, Operator, OrderTerm, Output, Quantifier, SearchKind, Test,
};
use serde_json::json;

use crate::scene::{Ask, Scene, alias, asc, cast, eq, field, item, op, read, test};

/// The ids of the clients for which it holds, in order.
async fn ids(scene: &Scene, condition: Condition) -> Vec<i64> {
    let found = scene.json(read("clients").select(&["id"]).filter(condition).order(asc("id"))).await;
    found.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn columns_paths_casts_and_aliases() {
    let scene = Scene::new().await;
    let one = |ask: Ask| ask.filter(eq("id", "1"));
    let all = scene.json(one(read("clients"))).await;
    assert_eq!(all[0]["Weird \"Name"], "w1");
    assert_eq!(all[0]["at"], json!({"x": 1, "y": 2}));
    assert_eq!(all[0]["tags"], json!(["x", "y"]));
    let some = read("clients").items(vec![
        item("data->a->b"),
        item("data->a->b->>1"),
        item("data->>n"),
        item("data->a->b->-1"),
        item("to_jsonb:tags->1"),
        item("to_jsonb:at->y"),
        item("raw->>k"),
        cast("id", "text"),
        alias("price", "what it \"costs\""),
        Item::Field { field: field("made"), cast: Some("date".into()), alias: Some("day".into()), aggregate: None },
    ]);
    // A path's key is the last name on it; of two with the same key the text keeps both.
    let text = scene.text(one(some)).await;
    assert_eq!(
        text,
        r#"[{"b":[1, "two"],"b":"two","n":"5","b":"two","tags":"y","y":2,"k":"v","id":"1","what it \"costs\"":1.50,"day":"2026-01-02"}]"#
    );
    assert_eq!(
        scene.json(one(read("clients").items(vec![]).limit(1, 0))).await,
        scene.json(one(read("clients"))).await
    );
    let (code, message) = scene.refusal(read("clients").select(&["nope"])).await;
    assert_eq!((code.as_str(), message.as_str()), ("42703", "column clients.nope does not exist"));
    assert_eq!(scene.refusal(read("clients").items(vec![cast("name", "int")])).await.0, "22P02");
    assert_eq!(scene.refusal(read("clients").items(vec![cast("name", "no_such_type")])).await.0, "42704");
}

#[tokio::test]
async fn every_operator() {
    use Operator::*;
    let scene = Scene::new().await;
    for (column, operator, value, expected) in [
        ("id", Eq, "2", vec![2]),
        ("id", Neq, "2", vec![1, 3]),
        ("id", Gt, "1", vec![2, 3]),
        ("id", Gte, "2", vec![2, 3]),
        ("id", Lt, "2", vec![1]),
        ("id", Lte, "2", vec![1, 2]),
        ("name", Like, "A%", vec![1]),
        ("name", Ilike, "a%", vec![1]),
        ("name", Match, "^[AB]", vec![1, 2]),
        ("name", Imatch, "^[ab]", vec![1, 2]),
        ("price", IsDistinct, "1.5", vec![2, 3]),
        ("tags", Contains, "{x}", vec![1]),
        ("tags", ContainedBy, "{x,y,w}", vec![1]),
        ("tags", Overlaps, "{y}", vec![1, 2]),
        ("tags", Eq, "{x,y}", vec![1]),
        ("data", Contains, r#"{"n": 7}"#, vec![2]),
        ("span", StrictlyLeft, "[7,9)", vec![1]),
        ("span", StrictlyRight, "[7,9)", vec![2]),
        ("span", NotExtendsLeft, "[7,9)", vec![2]),
        ("span", NotExtendsRight, "[7,9)", vec![1]),
        ("span", Adjacent, "[5,6)", vec![1]),
        ("size", Eq, "large", vec![2]),
        ("data->n", Gt, "5", vec![2]),
        ("data->>n", Eq, "5", vec![1]),
        ("to_jsonb:at->>x", Eq, "3", vec![3]),
        ("Weird \"Name", Eq, "line\nbreak", vec![3]),
        ("name", Eq, "Cog's\\", vec![3]),
        ("name", Eq, "Bolt, \"Ltd\"", vec![2]),
    ] {
        assert_eq!(ids(&scene, op(column, operator, value)).await, expected, "{column} {operator:?} {value}");
    }
    // The words are PostgreSQL's own.
    let refused = async |condition| scene.refusal(read("clients").filter(condition)).await;
    assert_eq!(
        refused(eq("id", "x")).await,
        ("22P02".to_owned(), "invalid input syntax for type integer: \"x\"".to_owned())
    );
    assert_eq!(refused(eq("size", "huge")).await.0, "22P02");
    assert_eq!(refused(eq("raw", "{}")).await.0, "42883");
    assert_eq!(refused(op("id", Like, "1%")).await.0, "42883");
    assert_eq!(refused(op("name", Match, "[")).await.0, "2201B");
}

#[tokio::test]
async fn lists_quantifiers_is_search_and_logic() {
    let scene = Scene::new().await;
    let within =
        |column: &str, values: &[&str]| test(column, Test::In(values.iter().map(|v| (*v).to_owned()).collect()));
    assert_eq!(ids(&scene, within("id", &["1", "3"])).await, [1, 3]);
    assert_eq!(ids(&scene, within("name", &["Bolt, \"Ltd\"", "Cog's\\", "x"])).await, [2, 3]);
    assert_eq!(ids(&scene, within("id", &[])).await, [0; 0]);
    assert_eq!(ids(&scene, within("id", &[""])).await, [0; 0]);
    assert_eq!(scene.refusal(read("clients").filter(within("id", &["1", "x"]))).await.0, "22P02");
    let quantified = |operator, quantifier, values: &str| {
        test("name", Test::Quantified { operator, quantifier, values: values.to_owned() })
    };
    assert_eq!(ids(&scene, quantified(Operator::Like, Quantifier::Any, "{A%,B%}")).await, [1, 2]);
    assert_eq!(ids(&scene, quantified(Operator::Ilike, Quantifier::All, "{%o%,%g%}")).await, [3]);
    assert_eq!(ids(&scene, quantified(Operator::Eq, Quantifier::Any, "{Acme}")).await, [1]);
    assert_eq!(scene.refusal(read("clients").filter(quantified(Operator::Eq, Quantifier::Any, "x"))).await.0, "22P02");

    assert_eq!(ids(&scene, test("price", Test::Is(IsValue::Null))).await, [2]);
    assert_eq!(ids(&scene, test("price", Test::Is(IsValue::NotNull))).await, [1, 3]);
    let done = async |value| {
        let rows =
            scene.json(read("tasks").select(&["id"]).filter(test("done", Test::Is(value))).order(asc("id"))).await;
        rows.as_array().unwrap().len()
    };
    assert_eq!((done(IsValue::True).await, done(IsValue::False).await, done(IsValue::Unknown).await), (1, 2, 1));

    let search = |column: &str, kind, config: Option<&str>, value: &str, is_vector| {
        test(column, Test::Search { kind, config: config.map(str::to_owned), value: value.to_owned(), is_vector })
    };
    assert_eq!(ids(&scene, search("words", SearchKind::Query, None, "dog & run", true)).await, [1]);
    assert_eq!(
        ids(&scene, search("words", SearchKind::Plain, Some("english"), "the dogs ran running", true)).await,
        [0; 0]
    );
    assert_eq!(ids(&scene, search("words", SearchKind::Plain, Some("english"), "the dogs running", true)).await, [1]);
    assert_eq!(ids(&scene, search("words", SearchKind::Phrase, Some("english"), "run dog", true)).await, [1]);
    assert_eq!(ids(&scene, search("words", SearchKind::Web, Some("english"), "cat or dog", true)).await, [1, 2]);
    assert_eq!(ids(&scene, search("name", SearchKind::Query, Some("simple"), "acme", false)).await, [1]);
    assert_eq!(ids(&scene, search("data", SearchKind::Query, Some("simple"), "two", false)).await, [1]);
    assert_eq!(
        scene.refusal(read("clients").filter(search("words", SearchKind::Query, Some("klingon"), "x", true))).await.0,
        "42704"
    );

    let not = |condition| Condition::Not(Box::new(condition));
    assert_eq!(ids(&scene, not(eq("id", "1"))).await, [2, 3]);
    assert_eq!(
        ids(&scene, Condition::Or(vec![eq("id", "1"), not(Condition::Or(vec![eq("id", "2"), eq("id", "1")]))])).await,
        [1, 3]
    );
    assert_eq!(ids(&scene, Condition::And(vec![eq("id", "1"), eq("size", "large")])).await, [0; 0]);
    assert_eq!(ids(&scene, Condition::And(vec![])).await, [1, 2, 3]);
    assert_eq!(ids(&scene, Condition::Or(vec![])).await, [0; 0]);
    // `and` and `or` beside each other keep to their own sides.
    let both = read("clients")
        .select(&["id"])
        .filter(Condition::Or(vec![eq("id", "1"), eq("id", "2")]))
        .filter(Condition::Or(vec![eq("id", "2"), eq("id", "3")]));
    assert_eq!(scene.json(both).await, json!([{"id": 2}]));
}

#[tokio::test]
async fn order_ranges_and_counts() {
    let scene = Scene::new().await;
    let by = |column: &str, descending, nulls_first| OrderTerm { descending, nulls_first, ..asc(column) };
    let ordered = async |terms: Vec<OrderTerm>| {
        let mut ask = read("projects").select(&["id"]);
        ask.read().order = terms;
        let rows = scene.json(ask).await;
        rows.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ordered(vec![by("budget", Some(true), None)]).await, [4, 3, 2, 1]);
    assert_eq!(ordered(vec![by("budget", Some(true), Some(false))]).await, [3, 2, 1, 4]);
    assert_eq!(ordered(vec![by("budget", Some(false), Some(true))]).await, [4, 1, 2, 3]);
    assert_eq!(ordered(vec![by("client_id", None, Some(true)), by("name", Some(true), None)]).await, [4, 2, 1, 3]);
    let by_path = read("clients").select(&["id"]).order(by("data->n", Some(true), Some(false)));
    assert_eq!(scene.json(by_path).await, json!([{"id": 2}, {"id": 1}, {"id": 3}]));

    let page = read("projects").select(&["id"]).filter(op("id", Operator::Gt, "1")).order(asc("id")).limit(2, 1);
    let outcome = scene.run(page.clone()).await;
    assert_eq!((outcome.rows, outcome.total, outcome.inserted), (2, None, None));
    assert_eq!(outcome.body.unwrap(), "[{\"id\":3}, \n {\"id\":4}]");
    assert_eq!(scene.run(page.clone().count(Count::Exact)).await.total, Some(3));
    let outcome = scene.run(page.clone().limit(0, 0).count(Count::Exact)).await;
    assert_eq!((outcome.rows, outcome.total, outcome.body.as_deref()), (0, Some(3), Some("[]")));
    let outcome = scene.run(page.clone().limit(5, 100).count(Count::Exact)).await;
    assert_eq!((outcome.rows, outcome.total), (0, Some(3)));
    let all = read("projects").count(Count::Exact);
    assert_eq!(scene.run(all).await.total, Some(4));
    let nothing = scene.run(page.clone().output(Output::Nothing).count(Count::Exact)).await;
    assert_eq!((nothing.rows, nothing.total, nothing.body), (2, Some(3), None));

    // The planner's guess is not the count, and an estimate is exact until it would be long.
    scene
        .client
        .batch_execute("insert into shop.people select g, 'p' from generate_series(10, 2009) g; analyze shop.people")
        .await
        .unwrap();
    let people = read("people").select(&["id"]).filter(op("id", Operator::Gte, "10")).limit(1, 0);
    let planned = scene.run(people.clone().count(Count::Planned)).await.total.unwrap();
    assert!((1900..2100).contains(&planned), "{planned}");
    let estimated = scene.run(people.clone().count(Count::Estimated)).await.total.unwrap();
    assert!((1900..2100).contains(&estimated), "{estimated}");
    let few = people.filter(op("id", Operator::Lt, "510"));
    assert_eq!(scene.run(few.clone().count(Count::Estimated)).await.total, Some(500));
    assert_eq!(scene.run(few.clone().count(Count::Exact)).await.total, Some(500));
    assert!(scene.run(few.count(Count::Planned)).await.total.is_some());
}

#[tokio::test]
async fn formats() {
    let scene = Scene::new().await;
    let ask = read("clients").select(&["id", "Weird \"Name", "tags"]).order(asc("id"));
    assert_eq!(
        scene.text(ask.clone().output(Output::Csv)).await,
        "id,Weird \"Name,tags\n1,w1,\"{x,y}\"\n2,,\"{y,\"\"z,\\\\\"\"\"\"}\"\n3,\"line\nbreak\","
    );
    // As PostgREST: no row, no header.
    assert_eq!(scene.text(ask.clone().filter(eq("id", "9")).output(Output::Csv)).await, "\n");
    let one = ask.clone().filter(eq("id", "2"));
    let object = scene.text(one.clone().output(Output::Object).singular()).await;
    assert_eq!(object, r#"{"id":2,"Weird \"Name":null,"tags":["y","z,\""]}"#);
    assert_eq!(scene.text(one.clone().output(Output::ObjectWithoutNulls)).await, r#"{"id":2,"tags":["y","z,\""]}"#);
    assert_eq!(scene.json(one.output(Output::JsonWithoutNulls)).await, json!([{"id": 2, "tags": ["y", "z,\""]}]));
    assert_eq!(scene.text(ask.clone().filter(eq("id", "9")).output(Output::JsonWithoutNulls)).await, "[]");
    assert_eq!(scene.text(ask.filter(eq("id", "9")).output(Output::Object)).await, "null");
}

#[tokio::test]
async fn aggregates_group_by_the_rest() {
    let scene = Scene::new().await;
    let sum = |aggregate| Item::Field { field: field("budget"), cast: None, alias: None, aggregate: Some(aggregate) };
    let all = read("projects").items(vec![
        item("client_id"),
        sum(Aggregate::Sum),
        Item::CountRows { alias: None, cast: Some("text".into()) },
        Item::Field {
            field: field("budget"),
            cast: Some("int".into()),
            alias: Some("mean".into()),
            aggregate: Some(Aggregate::Avg),
        },
    ]);
    assert_eq!(
        scene.json(all.order(asc("client_id"))).await,
        json!([
            {"client_id": 1, "sum": 200, "count": "2", "mean": 100},
            {"client_id": 2, "sum": 250, "count": "1", "mean": 250},
            {"client_id": null, "sum": null, "count": "1", "mean": null},
        ])
    );
    let only = read("projects").items(vec![sum(Aggregate::Max), sum(Aggregate::Min), sum(Aggregate::Count)]);
    assert_eq!(scene.json(only).await, json!([{"max": 250, "min": 50, "count": 3}]));
}

/// Names that are also names of ours, or of columns.
#[tokio::test]
async fn odd_names_mean_themselves() {
    let scene = Scene::new().await;
    scene
        .client
        .batch_execute(
            "create table shop.\"#\" (\"#\" int, t int, \"#1\" int); insert into shop.\"#\" values (null, 2, 3);
             grant select on shop.\"#\" to service_role",
        )
        .await
        .unwrap();
    assert_eq!(scene.json(read("#")).await, json!([{"#": null, "t": 2, "#1": 3}]));
    assert_eq!(scene.run(read("#").output(Output::Csv)).await.body.unwrap(), "#,t,#1\n,2,3");
    assert_eq!(scene.json(read("#").items(vec![alias("t", "#")])).await, json!([{"#": 2}]));
    assert_eq!(
        scene.json(read("sums").order(asc("client_id")).limit(1, 0)).await,
        json!([{"client_id": 1, "budget": 200}])
    );
    assert_eq!(scene.json(read("totals")).await, json!([{"n": 0}]));
}

//! Rows that are written as JSON here are, byte for byte, those that PostgreSQL writes.

use plimsoll_db::rest::Outcome;
use plimsoll_db::rest::catalogue::Shape;
use plimsoll_db::rest::columns::{ResultColumn, Sent};
use plimsoll_db::rest::plan::{Arguments, Count, Item, OrderTerm};

use crate::scene::{Ask, Scene, alias, asc, call, cast, embedded, eq, item, read, to_many, to_one};

/// A row of everything for each of the types' odd values.
const KINDS: &str = r#"
    create domain shop.tag as text;
    create domain shop.sizes as shop.size;
    create table shop.kinds (
      id int primary key, small smallint, big bigint, yes boolean, key uuid, body text, short varchar(10), fixed char(5),
      tag shop.tag, size shop.size, sizes shop.sizes, raw json, data jsonb, bytes bytea, exact numeric, approximate float8,
      single float4, at timestamptz, local timestamp, day date, hour time with time zone, span interval, during tstzrange,
      words text[], many int[], point shop.point, letter "char", own name, address inet, money money, bits bit(4), "odd "" ,{key" text);
    insert into shop.kinds (id) values (1);
    insert into shop.kinds values
      (2, -32768, 9223372036854775807, true, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', E'\u0001\u001f\u007f\b\f\n\r\t"\\/é😀\u2028</script>',
       E'a"\\', 'ab', E'x\ny', 'small', 'large', E' { "a" : [1 ,\n2 ] , "a": null } ', '{"b": 1, "a": "\u0001"}', '\xdeadbeef', 'NaN', 'Infinity',
       '-0', 'infinity', '0044-03-15 12:00:00 BC', '-infinity', '04:05:06.789+02', '1 year -2 days 03:04:05.6', '[2026-01-01,infinity)',
       '{a,NULL,"b c"}', '{{1,2},{3,4}}', '(1,)', 'x', 'name', '10.0.0.1/8', '12.34', '1010', 'odd'),
      (3, 32767, -9223372036854775808, false, '00000000-0000-0000-0000-000000000000', '', '', '', '', 'large', 'small', 'null', 'null', '',
       1e-30, 1e300, 3.4e38, '2026-11-21 13:10:27.812229+05:30', '2026-02-28 00:00:00.100', '9999-12-31', '00:00+00', '0', 'empty',
       '{}', '{}', '(,)', '', '', '::1', '-1', '0000', E'\\u0041');
    grant select on shop.kinds to service_role;"#;

/// The answer as PostgreSQL puts it together, which the one from here must equal.
async fn both_ways(scene: &Scene, ask: Ask) -> Outcome {
    let plain = scene.plain(ask.clone());
    assert!(plain.0.columns.is_some(), "no columns of {ask:?}");
    let (whole, here) = (scene.run(ask.clone()).await, scene.run(plain).await);
    assert_eq!(here, whole, "of {ask:?}");
    here
}

async fn with_kinds() -> Scene {
    let mut scene = Scene::new().await;
    scene.client.batch_execute(KINDS).await.unwrap();
    scene.catalogue = scene.db.rest_catalogue(&["shop".to_owned()]).await.unwrap();
    scene
}

#[tokio::test]
async fn every_type_and_value() {
    let scene = with_kinds().await;
    let answer = both_ways(&scene, read("kinds").order(asc("id"))).await;
    assert_eq!(answer.rows, 3);
    let columns = scene.plain(read("kinds")).0.columns.unwrap();
    let sent = |name: &str| columns.iter().find(|column| column.key == name).unwrap().sent;
    assert_eq!(["small", "yes", "key", "body", "short", "tag", "raw", "data"].map(sent), [Sent::Plain; 8]);
    assert_eq!(["size", "sizes"].map(sent), [Sent::Text; 2]);
    assert_eq!(["exact", "at", "words", "fixed", "own", "letter", "bytes"].map(sent), [Sent::Json; 7]);
    for relation in scene.catalogue.relations.values() {
        if relation.open_to.iter().any(|role| role == "service_role") {
            both_ways(&scene, read(&relation.name.name)).await;
        }
    }
}

#[tokio::test]
async fn chosen_columns_embeds_ranges_and_counts() {
    let scene = with_kinds().await;
    let chosen = vec![
        item("data->b"),
        item("body"),
        item("data->>a"),
        item("to_jsonb:point->x"),
        cast("id", "text"),
        alias("at", "what \"is\" this"),
        item("size"),
    ];
    both_ways(&scene, read("kinds").items(chosen).order(OrderTerm { descending: Some(true), ..asc("id") })).await;
    both_ways(&scene, read("kinds").items(vec![])).await;
    both_ways(&scene, read("kinds").filter(eq("id", "9"))).await;
    both_ways(&scene, read("kinds").order(asc("id")).limit(1, 1)).await;
    let counted = both_ways(&scene, read("kinds").count(Count::Exact)).await;
    assert_eq!((counted.rows, counted.total), (3, Some(3)));
    let embeds = vec![
        Item::All,
        embedded(to_one(1, "clients", &[("client_id", "id")], &["*"])),
        embedded(to_many(2, "tasks", &[("id", "project_id")], &["name", "done"])),
    ];
    both_ways(&scene, read("projects").items(embeds).order(asc("id"))).await;
}

#[tokio::test]
async fn rows_of_functions() {
    let scene = with_kinds().await;
    let mut called = 0;
    let functions = scene.catalogue.functions.values().flatten();
    for function in
        functions.filter(|function| matches!(function.result.shape, Shape::Row { .. }) && function.result.set)
    {
        let arguments = function.arguments.iter().map(|argument| (argument.name.clone(), vec!["2".to_owned()]));
        let mut ask = call(function.clone(), Arguments::Text(arguments.collect()));
        ask.0.read_only = function.name.name != "make_people";
        if ask.0.read_only {
            both_ways(&scene, ask).await;
            called += 1;
        }
    }
    assert_eq!(called, 2, "client_projects and table_of");
}

/// What is not a plain array of rows without any change is put together by PostgreSQL, whether columns are known or not.
#[tokio::test]
async fn columns_that_cannot_be_told_are_not() {
    let scene = with_kinds().await;
    let none = |ask: Ask| assert_eq!(scene.plain(ask).0.columns, None);
    none(read("kinds").items(vec![item("id"), item("id")]));
    none(read("kinds").items(vec![Item::All, alias("day", "id")]));
    none(read("kinds").items(vec![Item::CountRows { alias: None, cast: None }]));
    let ask = scene.plain(read("kinds").select(&["nope"]));
    assert_eq!(ask.0.columns, Some(vec![ResultColumn { key: "nope".into(), sent: Sent::Json }]));
    assert_eq!(scene.refusal(ask).await.0, "42703");
    for ask in [read("kinds").count(Count::Planned), read("kinds").limit(1, 0).count(Count::Exact), read("people")] {
        both_ways(&scene, ask).await;
    }
}

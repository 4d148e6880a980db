//! Functions of a row as relationships: which of them the catalogue has, and what is embedded by them.

use plimsoll_db::rest::plan::{Count, Embed, Item, OrderTerm, Output, RelationshipKind};
use serde_json::json;

use crate::scene::{Scene, asc, embedded, insert, item, read, relation, to_many, update};

const FUNCTIONS: &str = "
    create function shop.client(shop.projects) returns setof shop.clients rows 1 language sql stable
      as 'select * from shop.clients where id = $1.client_id';
    create function shop.all_tasks(shop.projects) returns setof shop.tasks language sql stable
      as 'select * from shop.tasks where project_id = $1.id';
    create function shop.one_client(project shop.projects) returns shop.clients language plpgsql stable
      as 'declare found shop.clients; begin select * into found from shop.clients where id = project.client_id; return found; end';
    create function shop.of_view(shop.big_projects) returns setof shop.totals language sql stable as 'select * from shop.totals';
    create function shop.of_partition(shop.events_2026) returns setof shop.people language sql as 'select * from shop.people';
    create function shop.to_hidden(shop.projects) returns setof hidden.things language sql as 'select * from hidden.things';
    create function shop.of_hidden(hidden.things) returns setof shop.people language sql as 'select * from shop.people';
    create function shop.of_two(shop.projects, int) returns setof shop.people language sql as 'select * from shop.people';
    create function shop.of_point(shop.point) returns setof shop.people language sql as 'select * from shop.people';
    create function shop.to_point(shop.projects) returns shop.point language sql as 'select row(1, 2)::shop.point';
    create function shop.to_columns(shop.projects) returns table (id int) language sql as 'select 1';
    create function hidden.elsewhere(shop.projects) returns setof shop.people language sql as 'select * from shop.people';
    alter table shop.projects drop column budget cascade;
    alter table shop.projects add column place text default 'here';
    grant execute on all functions in schema shop to service_role;";

async fn scene() -> Scene {
    let mut scene = Scene::new().await;
    scene.client.batch_execute(FUNCTIONS).await.unwrap();
    scene.catalogue = scene.db.rest_catalogue(&["shop".to_owned()]).await.unwrap();
    scene
}

fn computed(id: usize, function: &str, target: &str, to_one: bool, columns: &[&str]) -> Embed {
    let mut embed = to_many(id, target, &[], columns);
    let (function, from) = (relation(function), relation("projects"));
    embed.key = function.name.clone();
    embed.relationship.kind = RelationshipKind::Computed { function, from, to_one };
    embed
}

#[tokio::test]
async fn the_catalogue_has_those_between_exposed_relations() {
    let mut scene = Scene::new().await;
    assert!(scene.catalogue.computed.is_empty());
    // The view goes with a column further down.
    let (functions, _) = FUNCTIONS.split_once("alter table").unwrap();
    scene.client.batch_execute(functions).await.unwrap();
    scene.catalogue = scene.db.rest_catalogue(&["shop".to_owned()]).await.unwrap();
    let found = scene.catalogue.computed.iter();
    let found: Vec<_> = found.map(|c| (&*c.function.name, &*c.from.name, &*c.to.name, c.to_one)).collect();
    assert_eq!(
        found,
        [
            ("all_tasks", "projects", "tasks", false),
            ("client", "projects", "clients", true),
            ("of_view", "big_projects", "totals", false),
            ("one_client", "projects", "clients", true),
        ]
    );
}

#[tokio::test]
async fn rows_of_functions_are_embedded() {
    let scene = scene().await;
    let mut tasks = computed(2, "all_tasks", "tasks", false, &["name", "id"]);
    tasks.read.order = vec![asc("id")];
    let client = computed(1, "client", "clients", true, &["name"]);
    let items = || vec![item("id"), embedded(client.clone()), embedded(tasks.clone())];
    let ask = read("projects").items(items()).order(asc("id"));
    let whole = scene.text(ask.clone()).await;
    assert_eq!(
        whole,
        "[{\"id\":1,\"client\":{\"name\": \"Acme\"},\"all_tasks\":[{\"id\": 1, \"name\": \"design\"}, {\"id\": 2, \"name\": \"draw\"}]}, \n \
         {\"id\":2,\"client\":{\"name\": \"Acme\"},\"all_tasks\":[{\"id\": 3, \"name\": \"build\"}]}, \n \
         {\"id\":3,\"client\":{\"name\": \"Bolt, \\\"Ltd\\\"\"},\"all_tasks\":[{\"id\": 4, \"name\": \"ship\"}]}, \n \
         {\"id\":4,\"client\":null,\"all_tasks\":[]}]"
    );
    let plain = scene.plain(ask.clone());
    assert!(plain.0.columns.is_some());
    assert_eq!(scene.text(plain).await, whole);
    let mut inner = tasks.clone();
    inner.inner = true;
    let ask = read("projects").items(vec![item("id"), embedded(inner)]).limit(1, 0).count(Count::Exact);
    assert_eq!(scene.run(ask).await.total, Some(3));
    // A row that is none has nulls for columns, as a call of the function would answer.
    let one = computed(1, "one_client", "clients", true, &["id"]);
    let ask = read("projects")
        .items(vec![item("id"), embedded(one)])
        .order(OrderTerm { descending: Some(true), ..asc("id") });
    assert_eq!(scene.json(ask.limit(1, 0)).await, json!([{"id": 4, "one_client": {"id": null}}]));
}

/// The function takes the row whole, whatever the answer needs of it and whatever columns were dropped.
#[tokio::test]
async fn rows_that_were_written_are_handed_over_whole() {
    let scene = scene().await;
    let items = || vec![item("name"), embedded(computed(1, "client", "clients", true, &["name"]))];
    let columns = [("name", "text"), ("client_id", "integer"), ("place", "text=")];
    let one = insert("projects", &columns[..2], r#"{"name": "New", "client_id": 2}"#).items(items());
    assert_eq!(scene.json(one).await, json!([{"name": "New", "client": {"name": "Bolt, \"Ltd\""}}]));
    let rows = r#"[{"name": "A", "client_id": 1}, {"name": "B", "client_id": 2, "place": "there"}]"#;
    let many = insert("projects", &columns, rows).missing_is_default().items(items()).order(asc("name"));
    let expected =
        json!([{"name": "A", "client": {"name": "Acme"}}, {"name": "B", "client": {"name": "Bolt, \"Ltd\""}}]);
    assert_eq!(scene.json(many).await, expected);
    let quiet = update("projects", &[("name", "text")], r#"{"name": "Quiet"}"#, vec![]).items(items());
    assert_eq!(scene.run(quiet.output(Output::Nothing)).await.rows, 7);
    let only = update("projects", &[("name", "text")], r#"{"name": "Only"}"#, vec![crate::scene::eq("id", "1")]);
    let spread = Embed { spread: true, ..computed(1, "client", "clients", true, &["code"]) };
    let only = only.items(vec![item("id"), Item::Embed(Box::new(spread))]);
    assert_eq!(scene.json(only).await, json!([{"id": 1, "code": "ac"}]));
}

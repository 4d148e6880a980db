//! What is read of the schema, and that the fingerprint tells when to read it again.

use plimsoll_db::rest::catalogue::{Catalogue, Column, RelationKind, Shape, Volatility};

use crate::scene::{Scene, relation};

fn column<'a>(catalogue: &'a Catalogue, table: &str, name: &str) -> &'a Column {
    catalogue.relations[&relation(table)].columns.iter().find(|column| column.name == name).unwrap()
}

#[tokio::test]
async fn relations_have_their_kinds_columns_and_keys() {
    let scene = Scene::new().await;
    let catalogue = &scene.catalogue;
    let mut names: Vec<&str> = catalogue.relations.keys().map(|name| name.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "assignments",
            "big_projects",
            "briefs",
            "clients",
            "events",
            "inbox",
            "offices",
            "people",
            "projects",
            "regions",
            "secrets",
            "sums",
            "tasks",
            "totals"
        ]
    );
    let may = |name: &str| {
        let found = &catalogue.relations[&relation(name)];
        (found.kind, found.insertable, found.updatable, found.deletable)
    };
    assert_eq!(may("clients"), (RelationKind::Table, true, true, true));
    assert_eq!(may("events"), (RelationKind::Table, true, true, true));
    assert_eq!(may("big_projects"), (RelationKind::View, true, true, true));
    assert_eq!(may("sums"), (RelationKind::View, false, false, false));
    assert_eq!(may("inbox"), (RelationKind::View, true, true, true));
    assert_eq!(may("totals"), (RelationKind::MaterializedView, false, false, false));

    let clients = &catalogue.relations[&relation("clients")];
    assert_eq!(clients.primary_key, ["id"]);
    assert_eq!(clients.comment.as_deref(), Some("Who buys."));
    assert_eq!(clients.open_to, ["authenticated", "service_role"]);
    assert_eq!(catalogue.relations[&relation("secrets")].open_to, ["service_role"]);
    // A grant on a column opens the table.
    assert_eq!(catalogue.relations[&relation("people")].open_to, ["authenticated", "service_role"]);
    assert_eq!(catalogue.relations[&relation("assignments")].primary_key, ["task_id", "person_id"]);
    assert_eq!(catalogue.relations[&relation("big_projects")].primary_key, ["id"]);
    assert!(catalogue.relations[&relation("sums")].primary_key.is_empty());
    // A trigger inserts into it.
    assert!(catalogue.relations[&relation("inbox")].primary_key.is_empty());

    let types = |name: &str| {
        let column = column(catalogue, "clients", name);
        (column.type_name.as_str(), column.base_type.as_str())
    };
    assert_eq!(types("id"), ("integer", "integer"));
    assert_eq!(types("made"), ("timestamp with time zone", "timestamp with time zone"));
    assert_eq!(types("tags"), ("text[]", "text[]"));
    assert_eq!(types("code"), ("character varying(3)", "character varying(3)"));
    assert_eq!(types("size"), ("shop.size", "shop.size"));
    assert_eq!(types("shape"), ("hidden.shape", "hidden.shape"));
    assert_eq!(types("price"), ("shop.price", "numeric"));
    assert_eq!(types("cost"), ("shop.cost", "numeric"));
    assert_eq!(types("at"), ("shop.point", "shop.point"));
    assert_eq!(column(catalogue, "clients", "size").labels, ["small", "large"]);
    assert_eq!(column(catalogue, "clients", "name").comment.as_deref(), Some("As they sign."));
    let flags = |name: &str| {
        let column = column(catalogue, "clients", name);
        (column.nullable, column.has_default, column.generated)
    };
    assert_eq!(flags("id"), (false, true, false));
    assert_eq!(flags("tags"), (true, false, false));
    assert_eq!(flags("made"), (false, true, false));
    assert_eq!(flags("twice"), (true, true, true));
    assert_eq!(clients.columns[2].name, "Weird \"Name");
    assert!(catalogue.time_zones.contains("Europe/Zurich"));
}

#[tokio::test]
async fn foreign_keys_join_what_is_exposed() {
    let scene = Scene::new().await;
    let mut keys: Vec<(String, String, bool)> = scene
        .catalogue
        .foreign_keys
        .iter()
        .map(|key| {
            let from = format!("{}({})", key.from.name, key.from_columns.join(","));
            (from, format!("{}({})", key.to.name, key.to_columns.join(",")), key.one_to_one)
        })
        .collect();
    keys.sort();
    // The views inbox, big_projects and sums show a side of some.
    let expected = [
        ("assignments(person_id)", "inbox(id)", false),
        ("assignments(person_id)", "people(id)", false),
        ("assignments(task_id)", "tasks(id)", false),
        ("briefs(project_id)", "big_projects(id)", true),
        ("briefs(project_id)", "projects(id)", true),
        ("offices(country,code)", "regions(country,code)", false),
        ("projects(client_id)", "clients(id)", false),
        ("sums(client_id)", "clients(id)", false),
        ("tasks(parent_id)", "tasks(id)", false),
        ("tasks(project_id)", "big_projects(id)", false),
        ("tasks(project_id)", "projects(id)", false),
    ];
    assert_eq!(keys, expected.map(|(from, to, one)| (from.to_owned(), to.to_owned(), one)));
    // A unique index over exactly these columns, in any order, makes it one to one; a partial one does not.
    scene.client.batch_execute("create unique index on shop.offices (code, country) where id > 1").await.unwrap();
    let schemas = ["shop".to_owned()];
    let one_to_one =
        |catalogue: &Catalogue| catalogue.foreign_keys.iter().find(|key| key.name == "in_region").unwrap().one_to_one;
    assert!(!one_to_one(&scene.db.rest_catalogue(&schemas).await.unwrap()));
    scene.client.batch_execute("create unique index on shop.offices (code, country)").await.unwrap();
    assert!(one_to_one(&scene.db.rest_catalogue(&schemas).await.unwrap()));
}

#[tokio::test]
async fn functions_have_their_arguments_and_shapes() {
    let scene = Scene::new().await;
    let shape = |name: &str, arguments: usize| {
        let function = scene.function(name, arguments);
        let shape = match &function.result.shape {
            Shape::Void => "void".to_owned(),
            Shape::Record => "record".to_owned(),
            Shape::Scalar { type_name } => type_name.clone(),
            Shape::Row { columns, relation } => {
                let columns: Vec<String> = columns.iter().map(|c| format!("{} {}", c.name, c.type_name)).collect();
                format!("({}){}", columns.join(", "), relation.as_ref().map_or("", |_| " of a relation"))
            }
        };
        format!("{}{shape}", if function.result.set { "setof " } else { "" })
    };
    assert_eq!(shape("add", 2), "integer");
    assert_eq!(shape("nothing", 0), "void");
    assert_eq!(shape("words", 0), "setof text");
    let projects = "(id integer, client_id integer, name text, budget integer) of a relation";
    assert_eq!(shape("client_projects", 1), format!("setof {projects}"));
    assert_eq!(shape("project", 1), projects);
    assert_eq!(shape("table_of", 1), "setof (i integer, size shop.size, cost shop.cost)");
    // As with PostgREST, one out argument is a row with one column.
    assert_eq!(shape("one_out", 1), "(plus_one integer)");
    assert_eq!(shape("in_and_out", 1), "(n integer, word text)");
    assert_eq!(shape("origin", 0), "(x integer, y integer)");
    assert_eq!(shape("home", 0), "(x integer, y integer)");
    assert_eq!(shape("some_record", 0), "record");
    assert_eq!(shape("some_records", 0), "setof record");
    assert_eq!(shape("half", 1), "shop.price");
    assert_eq!(shape("bigger", 1), "shop.size");
    assert_eq!(shape("tags", 1), "text[]");

    let add = scene.function("add", 2);
    assert_eq!(scene.catalogue.functions[&relation("add")].len(), 2);
    assert_eq!((add.volatility, add.comment.as_deref()), (Volatility::Immutable, Some("Adds.")));
    assert_eq!(add.open_to, ["authenticated", "service_role"]);
    let required: Vec<(&str, bool)> = add.arguments.iter().map(|a| (a.name.as_str(), a.required)).collect();
    assert_eq!(required, [("a", true), ("b", false)]);
    let join = scene.function("join", 2);
    assert_eq!((join.arguments[1].variadic, join.arguments[1].required), (true, false));
    assert_eq!(join.arguments[1].type_name, "text[]");
    // Not `character`, which would be one letter.
    assert_eq!(scene.function("kinds", 2).arguments[1].type_name, "bpchar");
    assert_eq!(scene.function("whole_json", 1).arguments[0].name, "");
    for left_out in ["two_unnamed", "one_unnamed_int", "on_change", "do_it"] {
        assert!(!scene.catalogue.functions.contains_key(&relation(left_out)), "{left_out}");
    }
}

#[tokio::test]
async fn any_change_of_the_schema_changes_the_fingerprint() {
    let scene = Scene::new().await;
    let schemas = ["shop".to_owned()];
    let mut last = scene.db.rest_fingerprint(&schemas).await.unwrap();
    assert_eq!(last, scene.catalogue.fingerprint);
    for quiet in [
        "insert into shop.people values (9, 'new')",
        "update shop.people set name = 'x'",
        "analyze shop.people",
        "vacuum shop.people",
        "create temporary table other (id int primary key)",
        "create table hidden.other (id int)",
    ] {
        scene.client.batch_execute(quiet).await.unwrap();
        assert_eq!(scene.db.rest_fingerprint(&schemas).await.unwrap(), last, "{quiet}");
    }
    for change in [
        "create table shop.new (id int)",
        "alter table shop.new add column name text",
        "alter table shop.new alter column name set not null",
        "alter table shop.new alter column name set default 'x'",
        "alter table shop.new alter column name type varchar(10)",
        "alter table shop.new rename column name to title",
        "alter table shop.new add primary key (id)",
        "alter table shop.new add foreign key (id) references shop.people",
        // Keys of what is hidden may show through views.
        "alter table hidden.other add primary key (id)",
        "create unique index new_title on shop.new (title)",
        "drop index shop.new_title",
        "comment on table shop.new is 'one'",
        "comment on table shop.new is 'two'",
        "comment on column shop.new.id is 'three'",
        "grant select on shop.new to authenticated",
        "grant select (id) on shop.new to anon",
        "revoke select on shop.new from authenticated",
        "alter table shop.new rename to newer",
        "create view shop.seen as select id from shop.newer",
        "create or replace view shop.seen as select distinct id from shop.newer",
        "create trigger seen instead of delete on shop.seen for each row execute function shop.on_change()",
        "drop view shop.seen",
        "drop table shop.newer",
        "alter type shop.size add value 'huge'",
        "alter type hidden.shape add value 'square'",
        "create function shop.rest(shop.clients) returns setof shop.projects language sql as 'select null::shop.projects'",
        "alter function shop.rest(shop.clients) rows 1",
        "alter function shop.rest(shop.clients) rename to others",
        "drop function shop.others(shop.clients)",
        "create function shop.new() returns int language sql as 'select 1'",
        "create or replace function shop.new() returns int language sql immutable as 'select 1'",
        "comment on function shop.new() is 'new'",
        "grant execute on function shop.new() to anon",
        "drop function shop.new()",
        "alter type shop.point add attribute z int",
        "grant usage on schema shop to anon",
        "alter domain shop.cost rename to costs",
        "alter schema hidden rename to veiled",
        "alter schema veiled rename to hidden",
        "drop table shop.events_2026",
        "alter table shop.people set schema hidden",
    ] {
        scene.client.batch_execute(change).await.unwrap();
        let now = scene.db.rest_fingerprint(&schemas).await.unwrap();
        assert_ne!(now, last, "{change}");
        last = now;
    }
    scene.client.batch_execute("begin; create table shop.gone (id int); rollback").await.unwrap();
    assert_eq!(scene.db.rest_fingerprint(&schemas).await.unwrap(), last);
}

/// What is exposed by default can be read, whatever it holds.
#[tokio::test]
async fn our_own_schemas_are_read() {
    let scene = Scene::new().await;
    let schemas = ["ops", "metrics", "public"].map(str::to_owned);
    let catalogue = scene.db.rest_catalogue(&schemas).await.unwrap();
    let name = |name: &str| plimsoll_db::rest::catalogue::Name { schema: "ops".into(), name: name.into() };
    assert!(catalogue.relations.contains_key(&name("projects")));
    let list = &catalogue.functions[&name("list_projects")][0];
    assert_eq!(list.open_to, ["authenticated", "service_role"]);
    assert!(list.result.set && matches!(list.result.shape, Shape::Row { .. }));
    let foreign = catalogue.foreign_keys.iter().find(|key| key.from == name("builds") && key.to == name("projects"));
    assert!(foreign.is_some_and(|key| key.from_columns.len() == key.to_columns.len()));
}

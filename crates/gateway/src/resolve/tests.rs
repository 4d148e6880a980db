//! Requests against a small catalogue: clients have projects, projects tasks; users and tasks meet in assignments.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::http;
use plimsoll_db::rest::catalogue::{
    Argument, Column, ComputedRelationship, ForeignKey, Function, FunctionResult, Name, Relation, RelationKind, Shape,
    Volatility,
};
use plimsoll_db::rest::plan::{Action, Arguments, Condition, Item, Output, Read, RelationshipKind};
use serde_json::{Value, json};

use super::*;

fn name(name: &str) -> Name {
    Name { schema: "ops".into(), name: name.into() }
}

fn column(name: &str, type_name: &str) -> Column {
    Column {
        name: name.into(),
        type_name: type_name.into(),
        base_type: type_name.into(),
        nullable: true,
        has_default: name == "id",
        generated: false,
        labels: Vec::new(),
        comment: None,
    }
}

fn table(table: &str, columns: &[&str], primary_key: &[&str]) -> Relation {
    Relation {
        name: name(table),
        kind: RelationKind::Table,
        columns: columns.iter().map(|c| column(c, if *c == "data" { "jsonb" } else { "text" })).collect(),
        primary_key: primary_key.iter().map(|c| (*c).to_owned()).collect(),
        insertable: true,
        updatable: true,
        deletable: true,
        comment: None,
        open_to: vec![if table == "secrets" { "service_role" } else { "authenticated" }.into()],
    }
}

fn key(constraint: &str, from: (&str, &str), to: &str) -> ForeignKey {
    ForeignKey {
        name: constraint.into(),
        from: name(from.0),
        from_columns: vec![from.1.into()],
        to: name(to),
        to_columns: vec!["id".into()],
        one_to_one: false,
    }
}

fn computed(function: Name, from: &str, to: &str, to_one: bool) -> ComputedRelationship {
    ComputedRelationship { function, from: name(from), to: name(to), to_one }
}

fn function(called: &str, arguments: &[&str], set: bool, shape: Shape) -> Function {
    let arguments = arguments.iter().map(|text| {
        let (name, type_name) = text.split_once(' ').expect("name and type");
        Argument {
            name: name.trim_end_matches(['?', '*']).into(),
            type_name: type_name.into(),
            required: !name.ends_with('?'),
            variadic: name.ends_with('*'),
        }
    });
    Function {
        name: name(called),
        arguments: arguments.collect(),
        result: FunctionResult { set, shape },
        volatility: if called.starts_with("get") { Volatility::Stable } else { Volatility::Volatile },
        comment: None,
        open_to: vec![if called == "secret_thing" { "service_role" } else { "authenticated" }.into()],
    }
}

fn catalogue() -> Catalogue {
    let relations = [
        table("clients", &["id", "name"], &["id"]),
        table("projects", &["id", "name", "client_id", "owner_id", "reviewer_id", "data", "parent_id"], &["id"]),
        table("tasks", &["id", "name", "project_id"], &["id"]),
        table("users", &["id", "email"], &["id"]),
        table("assignments", &["user_id", "task_id"], &["user_id", "task_id"]),
        table("secrets", &["id"], &[]),
    ];
    let number = || Shape::Scalar { type_name: "integer".into() };
    let projects = Shape::Row { columns: relations[1].columns.clone(), relation: Some(name("projects")) };
    let functions = [
        function("add", &["a integer", "b integer"], false, number()),
        function("add", &["a integer", "b integer", "c? integer"], false, number()),
        function("get_projects", &["client? text"], true, projects),
        function("take", &[" jsonb"], false, number()),
        function("takes_text", &[" text"], false, number()),
        function("many", &["v* text"], false, Shape::Void),
        function("secret_thing", &[], false, Shape::Void),
    ];
    let mut by_name: HashMap<Name, Vec<Function>> = HashMap::new();
    for function in functions {
        by_name.entry(function.name.clone()).or_default().push(function);
    }
    Catalogue {
        schemas: vec!["ops".into()],
        relations: relations.into_iter().map(|relation| (relation.name.clone(), relation)).collect(),
        functions: by_name,
        foreign_keys: vec![
            key("projects_client_fk", ("projects", "client_id"), "clients"),
            key("projects_owner_fk", ("projects", "owner_id"), "users"),
            key("projects_reviewer_fk", ("projects", "reviewer_id"), "users"),
            key("projects_parent_fk", ("projects", "parent_id"), "projects"),
            key("tasks_project_fk", ("tasks", "project_id"), "projects"),
            key("assignments_user_fk", ("assignments", "user_id"), "users"),
            key("assignments_task_fk", ("assignments", "task_id"), "tasks"),
        ],
        computed: vec![
            computed(name("owner"), "tasks", "users", true),
            computed(name("owner"), "projects", "users", false),
            computed(name("users"), "tasks", "users", false),
            computed(Name { schema: "metrics".into(), name: "elsewhere".into() }, "tasks", "users", true),
        ],
        ..Catalogue::default()
    }
}

fn ask(method: &str, uri: &str, headers: &[(&str, &str)], body: &'static str) -> Result<Planned, ApiError> {
    let catalogue = catalogue();
    let mut builder = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let (parts, ()) = builder.body(()).expect("a request").into_parts();
    let mut request = Request::read(&parts, &catalogue, &["ops".to_owned()])?;
    request.body = Bytes::from_static(body.as_bytes());
    let scope = Scope { catalogue: &catalogue, schema: "ops", role: "authenticated", max_rows: Some(100) };
    plan(scope, &request)
}

fn get(uri: &str) -> Read {
    match ask("GET", uri, &[], "").unwrap_or_else(|e| panic!("{uri}: {}", e.json())).statement.action {
        Action::Read { read, .. } => read,
        Action::Call(call) => call.read,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(method: &str, uri: &str, headers: &[(&str, &str)], body: &'static str) -> (u16, Value) {
    let error = ask(method, uri, headers, body).expect_err(uri);
    (error.status(), error.json())
}

fn embed(read: &Read) -> &plimsoll_db::rest::plan::Embed {
    read.select
        .iter()
        .find_map(|item| match item {
            Item::Embed(embed) => Some(&**embed),
            _ => None,
        })
        .expect("an embed")
}

#[test]
fn embeds_follow_foreign_keys() {
    let kind = |uri: &str| format!("{:?}", embed(&get(uri)).relationship.kind);
    let many_to_one = r#"ToOne { on: [("client_id", "id")] }"#;
    for uri in [
        "/projects?select=clients(*)",
        "/projects?select=client_id(*)",
        "/projects?select=projects_client_fk(*)",
        "/projects?select=clients!projects_client_fk(*)",
        "/projects?select=clients!client_id(*)",
        "/projects?select=c:clients!id!inner(*)",
    ] {
        assert_eq!(kind(uri), many_to_one, "{uri}");
    }
    assert_eq!(kind("/clients?select=projects(*)"), r#"ToMany { on: [("id", "client_id")] }"#);
    assert_eq!(kind("/projects?select=users!owner_id(*)"), r#"ToOne { on: [("owner_id", "id")] }"#);
    assert_eq!(kind("/projects?select=projects(*)"), r#"ToMany { on: [("id", "parent_id")] }"#);
    assert_eq!(kind("/projects?select=parent_id(*)"), r#"ToOne { on: [("parent_id", "id")] }"#);
    assert!(matches!(
        embed(&get("/users?select=tasks(*)")).relationship.kind,
        RelationshipKind::ManyToMany { ref junction, .. } if junction.name == "assignments"
    ));
    assert_eq!(kind("/users?select=tasks!assignments(*)"), kind("/users?select=tasks(*)"));
    assert_eq!(embed(&get("/projects?select=c:clients(*)")).key, "c");
    assert_eq!(embed(&get("/projects?select=clients(*)")).key, "clients");
    assert_eq!(kind("/rpc/get_projects?select=clients(*)"), many_to_one);
}

#[test]
fn embeds_follow_functions_before_foreign_keys() {
    let kind = |uri: &str| format!("{:?}", embed(&get(uri)).relationship.kind);
    let name = |name: &str| format!(r#"Name {{ schema: "ops", name: "{name}" }}"#);
    let computed = |function: &str, from: &str, to_one: bool| {
        format!("Computed {{ function: {}, from: {}, to_one: {to_one} }}", name(function), name(from))
    };
    assert_eq!(kind("/tasks?select=owner(*)"), computed("owner", "tasks", true));
    assert_eq!(embed(&get("/tasks?select=owner(*)")).relationship.target.name, "users");
    assert_eq!(kind("/tasks?select=o:owner!whatever!inner(*)"), computed("owner", "tasks", true));
    assert_eq!(kind("/rpc/get_projects?select=owner(*)"), computed("owner", "projects", false));
    for uri in ["/tasks?select=users(*)", "/tasks?select=users!assignments(*)"] {
        assert_eq!(kind(uri), computed("users", "tasks", false), "{uri}");
    }
    // Only in the schema of the request, and only from its own row.
    assert_eq!(refused("GET", "/tasks?select=elsewhere(*)", &[], "").1["code"], "PGRST200");
    assert_eq!(refused("GET", "/clients?select=owner(*)", &[], "").1["code"], "PGRST200");
}

#[test]
fn relationships_that_are_not_there_or_not_clear() {
    let (status, error) = refused("GET", "/clients?select=project(*)", &[], "");
    assert_eq!(status, 400);
    assert_eq!(
        error,
        json!({
            "code": "PGRST200",
            "message": "Could not find a relationship between 'clients' and 'project' in the schema cache",
            "details": "Searched for a foreign key relationship between 'clients' and 'project' in the schema 'ops', but no matches were found.",
            "hint": "Perhaps you meant 'projects' instead of 'project'.",
        })
    );
    let (_, error) = refused("GET", "/projects?select=clients!nothing(*)", &[], "");
    assert!(error["details"].as_str().unwrap().contains("using the hint 'nothing' in"), "{error}");
    assert_eq!(error["hint"], Value::Null);
    let (status, error) = refused("GET", "/projects?select=users(*)", &[], "");
    assert_eq!((status, &error["code"]), (300, &json!("PGRST201")));
    assert_eq!(
        error["hint"],
        "Try changing 'users' to one of the following: 'users!projects_owner_fk', 'users!projects_reviewer_fk'. \
         Find the desired relationship in the 'details' key."
    );
    assert_eq!(
        error["details"][0],
        json!({
            "cardinality": "many-to-one", "embedding": "projects with users",
            "relationship": "projects_owner_fk using projects(owner_id) and users(id)",
        })
    );
    assert_eq!(refused("GET", "/rpc/add?a=1&b=2&c=3&select=clients(*)", &[], "").1["code"], "PGRST200");
}

#[test]
fn parameters_of_embeds_find_them() {
    let read = get(
        "/clients?select=name,p:projects(id,tasks(*))&p.name=eq.x&projects.tasks.limit=2&p.order=id.desc&limit=500",
    );
    assert_eq!((read.limit, read.offset), (Some(100), 0));
    let projects = embed(&read);
    assert_eq!((projects.read.filter.len(), projects.read.order.len()), (1, 1));
    assert_eq!(embed(&projects.read).read.limit, Some(2));
    assert_ne!(projects.id, embed(&projects.read).id);
    assert_eq!(refused("GET", "/clients?projects.name=eq.x", &[], "").1["code"], "PGRST108");
    assert_eq!(refused("GET", "/projects?order=clients(name)", &[], "").1["code"], "PGRST108");
    let (_, error) = refused("GET", "/clients?select=*,projects(*)&order=projects(id)", &[], "");
    assert_eq!(error["details"], "'clients' and 'projects' do not form a many-to-one or one-to-one relationship");
    assert!(matches!(
        get("/projects?select=id,clients(name)&order=clients(name).desc").order[0].by,
        plimsoll_db::rest::plan::OrderBy::Embedded { .. }
    ));
}

#[test]
fn an_embed_may_be_asked_whether_it_has_rows() {
    let filter = |uri: &str| get(uri).filter.remove(0);
    assert!(matches!(
        filter("/clients?select=projects()&projects=not.is.null"),
        Condition::HasRows { expected: true, .. }
    ));
    assert!(matches!(
        filter("/clients?select=projects()&projects=is.null"),
        Condition::HasRows { expected: false, .. }
    ));
    assert!(matches!(filter("/clients?select=projects()&or=(projects.is.null)"), Condition::Or(_)));
    assert!(matches!(filter("/projects?select=client_id(*)&client_id=eq.2"), Condition::Compare { .. }));
    assert_eq!(refused("GET", "/clients?select=projects()&projects=eq.1", &[], "").1["code"], "PGRST120");
}

#[test]
fn paths_name_their_values_and_spreads_their_columns() {
    let alias = |uri: &str| match &get(uri).select[0] {
        Item::Field { alias, field, .. } => (alias.clone(), field.needs_to_jsonb),
        other => panic!("{other:?}"),
    };
    assert_eq!(alias("/projects?select=data-%3Ea-%3E1"), (Some("a".into()), false));
    assert_eq!(alias("/projects?select=data-%3E1"), (Some("data".into()), false));
    assert_eq!(alias("/projects?select=x:name-%3E%3Ek"), (Some("x".into()), true));
    assert_eq!(embed(&get("/clients?select=...projects(*)")).read.select.len(), 7);
    assert_eq!(embed(&get("/projects?select=...clients(*)")).read.select.len(), 1);
    assert_eq!(refused("GET", "/projects?select=id.count()", &[], "").1["code"], "PGRST123");
}

#[test]
fn functions_are_found_by_the_names_that_are_given() {
    let call = |method: &str, uri: &str, headers: &[(&str, &str)], body| match ask(method, uri, headers, body)
        .unwrap_or_else(|e| panic!("{uri}: {}", e.json()))
    {
        Planned { statement: Statement { action: Action::Call(call), read_only, .. }, .. } => (call, read_only),
        other => panic!("{other:?}"),
    };
    let (found, read_only) = call("POST", "/rpc/add", &[], r#"{"a":1,"b":2,"c":3}"#);
    assert_eq!((found.function.arguments.len(), read_only), (3, false));
    let (found, read_only) = call("POST", "/rpc/get_projects", &[], "");
    assert!(read_only && matches!(&found.arguments, Arguments::Json { names, .. } if names.is_empty()));
    assert!(call("GET", "/rpc/many?v=1&v=2", &[], "").1);
    let (found, _) = call("GET", "/rpc/many?v=1&v=2", &[], "");
    assert!(
        matches!(&found.arguments, Arguments::Text(pairs) if *pairs == [("v".into(), vec!["1".into(), "2".into()])])
    );
    let (found, _) =
        call("POST", "/rpc/add", &[("content-type", "application/x-www-form-urlencoded")], "a=1&b=2&c=3&a=9");
    assert!(matches!(&found.arguments, Arguments::Text(pairs) if pairs[0] == ("a".into(), vec!["9".into()])));
    let (found, _) = call("POST", "/rpc/take", &[], r#"[{"x":1},{"x":2}]"#);
    assert!(matches!(found.arguments, Arguments::Body(_)));
    let (found, _) = call("POST", "/rpc/takes_text", &[("content-type", "text/plain")], "hello");
    assert!(matches!(found.arguments, Arguments::Body(body) if body == b"hello"));
    let (found, _) = call("POST", "/rpc/add?columns=a,b,c", &[], r#"[{"a":1,"b":2,"c":3},{"z":1}]"#);
    assert!(matches!(&found.arguments, Arguments::Json { json, .. } if json == r#"{"a":1,"b":2,"c":3}"#));
}

#[test]
fn functions_that_are_not_found() {
    for (method, uri, message, details, hint) in [
        (
            "GET",
            "/rpc/get_project?a=1",
            "Could not find the function ops.get_project(a) in the schema cache",
            "Searched for the function ops.get_project with parameter a, but no matches were found in the schema cache.",
            json!("Perhaps you meant to call the function ops.get_projects"),
        ),
        (
            "GET",
            "/rpc/ad?a=1",
            "Could not find the function ops.ad(a) in the schema cache",
            "Searched for the function ops.ad with parameter a, but no matches were found in the schema cache.",
            Value::Null,
        ),
        (
            "GET",
            "/rpc/add",
            "Could not find the function ops.add without parameters in the schema cache",
            "Searched for the function ops.add without parameters, but no matches were found in the schema cache.",
            Value::Null,
        ),
        (
            "GET",
            "/rpc/add?b=1&a=1&d=2",
            "Could not find the function ops.add(a, b, d) in the schema cache",
            "Searched for the function ops.add with parameters a, b, d, but no matches were found in the schema cache.",
            json!("Perhaps you meant to call the function ops.add(a, b, c)"),
        ),
        (
            "POST",
            "/rpc/secret_thin",
            "Could not find the function ops.secret_thin without parameters in the schema cache",
            "Searched for the function ops.secret_thin without parameters or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.",
            Value::Null,
        ),
    ] {
        let (status, error) = refused(method, uri, &[], "");
        assert_eq!(status, 404);
        assert_eq!(error, json!({"code": "PGRST202", "message": message, "details": details, "hint": hint}), "{uri}");
    }
    let (_, error) = refused("POST", "/rpc/add", &[("content-type", "text/plain")], "x");
    assert_eq!(error["message"], "Could not find the function ops.add in the schema cache");
    assert!(error["details"].as_str().unwrap().contains("with a single unnamed text parameter"));
    let (status, error) = refused("GET", "/rpc/add?a=1&b=2", &[], "");
    assert_eq!((status, &error["code"]), (300, &json!("PGRST203")));
    assert_eq!(
        error["message"],
        "Could not choose the best candidate function between: ops.add(a => integer, b => integer), \
         ops.add(a => integer, b => integer, c => integer)"
    );
    let strict = [("prefer", "handling=strict, max-affected=1")];
    assert_eq!(refused("GET", "/rpc/add?a=1&b=2&c=3", &strict, "").1["code"], "PGRST128");
}

#[test]
fn tables_that_are_not_found_are_hinted_at_only_when_open() {
    let (status, error) = refused("GET", "/project", &[], "");
    assert_eq!(status, 404);
    assert_eq!(error["message"], "Could not find the table 'ops.project' in the schema cache");
    assert_eq!(error["hint"], "Perhaps you meant the table 'ops.projects'");
    assert_ne!(refused("GET", "/secret", &[], "").1["hint"], "Perhaps you meant the table 'ops.secrets'");
}

#[test]
fn writing_names_its_columns() {
    let (status, error) = refused("POST", "/clients", &[], r#"{"id":"1","colour":"red"}"#);
    assert_eq!(status, 400);
    assert_eq!(error["message"], "Could not find the 'colour' column of 'clients' in the schema cache");
    assert_eq!(refused("PATCH", "/clients?columns=x", &[], "{}").1["code"], "PGRST204");
    let headers = [("prefer", "return=headers-only, resolution=merge-duplicates, missing=default")];
    let planned = ask("POST", "/clients", &headers, r#"[{"name":"a"}]"#).unwrap();
    assert_eq!(planned.statement.output, Output::Location);
    let Action::Insert(insert) = planned.statement.action else { panic!("not an insert") };
    assert!(insert.rows.is_array && insert.rows.missing_is_default);
    assert_eq!(insert.conflict.unwrap().target, ["id"]);
    let planned = ask("POST", "/secrets", &headers, r#"{"id":"a"}"#).unwrap();
    assert_eq!(planned.statement.output, Output::Nothing);
    assert_eq!(
        refused("POST", "/clients", &[("content-type", "text/plain")], "x").1["message"],
        "Content-Type not acceptable: text/plain"
    );
    assert_eq!(refused("GET", "/clients", &[("accept", "text/plain")], "").0, 406);
}

#[test]
fn filters_of_the_url_choose_what_is_written_but_not_what_is_returned() {
    let headers = [("prefer", "return=representation, handling=strict, max-affected=3")];
    let planned = ask(
        "PATCH",
        "/clients?id=eq.1&or=(name.eq.a,name.eq.b)&select=id,projects(id)&projects.id=eq.2",
        &headers,
        r#"{"name":"c"}"#,
    );
    let planned = planned.unwrap();
    assert_eq!(planned.statement.checks.max_affected, Some(3));
    let Action::Update { filter, returning, .. } = planned.statement.action else { panic!("not an update") };
    assert_eq!((filter.len(), returning.filter.len(), returning.limit), (2, 0, None));
    assert_eq!(embed(&returning).read.filter.len(), 1);
}

#[test]
fn put_names_one_row() {
    assert!(ask("PUT", "/clients?id=eq.1", &[], r#"{"id":"1","name":"a"}"#).unwrap().statement.checks.singular);
    for uri in [
        "/clients",
        "/clients?id=gt.1",
        "/clients?id=not.eq.1",
        "/clients?id=eq.1&name=eq.a",
        "/clients?and=(id.eq.1)",
        "/secrets?id=eq.1",
    ] {
        let (status, error) = refused("PUT", uri, &[], r#"{"id":"1"}"#);
        assert_eq!((status, &error["code"]), (405, &json!("PGRST105")), "{uri}");
    }
}

#[test]
fn singular_results_are_checked_whatever_is_returned() {
    let accept = ("accept", "application/vnd.pgrst.object+json");
    for (method, prefer) in [("HEAD", ""), ("GET", ""), ("DELETE", "return=minimal")] {
        assert!(ask(method, "/clients?id=eq.1", &[accept, ("prefer", prefer)], "").unwrap().statement.checks.singular);
    }
    assert!(!ask("POST", "/rpc/many", &[accept], r#"{"v":["a"]}"#).unwrap().statement.checks.singular);
}

//! Swagger 2.0, as PostgREST writes it.

use plimsoll_db::rest::Catalogue;
use plimsoll_db::rest::catalogue::{Argument, Column, Function, Relation, RelationKind, Volatility};
use serde_json::{Map, Value, json};

use super::types::{json_type, without_length};
use super::{functions, relations, summary};
use crate::resolve::Scope;

const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/vnd.pgrst.object+json;nulls=stripped",
    "application/vnd.pgrst.object+json",
    "text/csv",
];

pub(super) fn describe(scope: Scope<'_>) -> Value {
    let roles = [scope.role];
    let (mut paths, mut definitions) = (Map::new(), Map::new());
    let mut parameters = common_parameters();
    paths.insert(
        "/".into(),
        json!({"get": {
            "tags": ["Introspection"], "summary": "OpenAPI description (this document)",
            "produces": ["application/openapi+json", "application/json"],
            "responses": {"200": {"description": "OK"}},
        }}),
    );
    for relation in relations(scope.catalogue, scope.schema, &roles) {
        let name = &relation.name.name;
        paths.insert(format!("/{name}"), table(relation));
        definitions.insert(name.clone(), definition(scope.catalogue, relation));
        parameters.insert(
            format!("body.{name}"),
            json!({
                "name": name, "description": name, "in": "body", "required": false,
                "schema": {"$ref": format!("#/definitions/{name}")},
            }),
        );
        for column in &relation.columns {
            let mut filter = json!({"name": column.name, "required": false, "in": "query", "type": "string"});
            if let Some(comment) = &column.comment {
                filter["description"] = json!(comment);
            }
            parameters.insert(format!("rowFilter.{name}.{}", column.name), filter);
        }
    }
    for (name, overloads) in functions(scope.catalogue, scope.schema, &roles) {
        if let Some(function) = overloads.first() {
            paths.insert(format!("/rpc/{name}"), call(name, function));
        }
    }
    json!({
        "swagger": "2.0",
        "info": {
            "title": format!("The schema {}", scope.schema),
            "description": "Tables and functions over HTTP, as PostgREST has them.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "basePath": "/rest/v1",
        "consumes": MEDIA_TYPES,
        "produces": MEDIA_TYPES,
        "paths": paths,
        "definitions": definitions,
        "parameters": parameters,
        "externalDocs": {"description": "PostgREST Documentation", "url": "https://docs.postgrest.org/en/v14/references/api.html"},
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/parameters/{name}")})
}

fn table(relation: &Relation) -> Value {
    let name = &relation.name.name;
    let (summary, description) = summary(relation.comment.as_deref());
    let operation = |parameters: Vec<Value>, responses: Value| {
        let mut operation = json!({"tags": [name], "parameters": parameters, "responses": responses});
        if let Some(summary) = summary {
            operation["summary"] = json!(summary);
        }
        if let Some(description) = description {
            operation["description"] = json!(description);
        }
        operation
    };
    let filters = || relation.columns.iter().map(|column| reference(&format!("rowFilter.{name}.{}", column.name)));
    let with_filters = |others: &[&str]| filters().chain(others.iter().map(|name| reference(name))).collect();
    let body = format!("body.{name}");
    let rows = json!({
        "200": {"description": "OK", "schema": {"type": "array", "items": {"$ref": format!("#/definitions/{name}")}}},
        "206": {"description": "Partial Content"},
    });
    let mut path = Map::new();
    let reading = with_filters(&["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"]);
    path.insert("get".into(), operation(reading, rows));
    if relation.insertable {
        let parameters = vec![reference(&body), reference("select"), reference("preferPost")];
        path.insert("post".into(), operation(parameters, json!({"201": {"description": "Created"}})));
    }
    let no_content = json!({"204": {"description": "No Content"}});
    if relation.deletable {
        path.insert("delete".into(), operation(with_filters(&["preferReturn"]), no_content.clone()));
    }
    if relation.updatable {
        path.insert("patch".into(), operation(with_filters(&[&body, "preferReturn"]), no_content));
    }
    Value::Object(path)
}

fn definition(catalogue: &Catalogue, relation: &Relation) -> Value {
    let properties: Map<_, _> = relation
        .columns
        .iter()
        .map(|column| (column.name.clone(), column_property(catalogue, relation, column)))
        .collect();
    let mut definition = json!({"type": "object", "properties": properties});
    if let Some(comment) = &relation.comment {
        definition["description"] = json!(comment);
    }
    // A view's columns may all be null, for all the database knows.
    let required: Vec<_> =
        relation.columns.iter().filter(|column| !column.nullable).map(|column| &column.name).collect();
    if relation.kind == RelationKind::Table && !required.is_empty() {
        definition["required"] = json!(required);
    }
    definition
}

fn column_property(catalogue: &Catalogue, relation: &Relation, column: &Column) -> Value {
    let mut notes = Vec::new();
    if relation.primary_key.contains(&column.name) {
        notes.push("This is a Primary Key.<pk/>".to_owned());
    }
    let key = catalogue.foreign_keys.iter().find(|key| {
        key.from == relation.name && key.to.schema == relation.name.schema && key.from_columns == [column.name.clone()]
    });
    if let Some((key, to)) = key.and_then(|key| Some((key, key.to_columns.first()?))) {
        let table = &key.to.name;
        notes.push(format!("This is a Foreign Key to `{table}.{to}`.<fk table='{table}' column='{to}'/>"));
    }
    let mut property = property(&column.type_name, &column.base_type);
    if !column.labels.is_empty() {
        property.insert("type".into(), json!("string"));
        property.insert("enum".into(), json!(column.labels));
    }
    let note = (!notes.is_empty()).then(|| format!("Note:\n{}", notes.join("\n")));
    let description: Vec<_> = column.comment.iter().chain(&note).map(String::as_str).collect();
    if !description.is_empty() {
        property.insert("description".into(), json!(description.join("\n\n")));
    }
    Value::Object(property)
}

/// The type, and PostgreSQL's name for it as the format.
fn property(type_name: &str, base_type: &str) -> Map<String, Value> {
    let mut property = Map::from_iter([("format".to_owned(), json!(without_length(type_name)))]);
    if let Some(element) = base_type.strip_suffix("[]") {
        let items = json_type(element).map_or_else(|| json!({}), |kind| json!({"type": kind}));
        property.insert("type".into(), json!("array"));
        property.insert("items".into(), items);
        property.insert("format".into(), json!(type_name));
    } else if let Some(kind) = json_type(base_type) {
        property.insert("type".into(), json!(kind));
    }
    let length = type_name.starts_with("character").then(|| type_name.split(['(', ')']).nth(1)).flatten();
    if let Some(length) = length.and_then(|length| length.parse::<u32>().ok()) {
        property.insert("maxLength".into(), json!(length));
    }
    property
}

fn call(name: &str, function: &Function) -> Value {
    let (summary, description) = summary(function.comment.as_deref());
    let operation = |parameters: Vec<Value>| {
        let mut operation = json!({
            "tags": [format!("(rpc) {name}")], "produces": MEDIA_TYPES,
            "parameters": parameters, "responses": {"200": {"description": "OK"}},
        });
        if let Some(summary) = summary {
            operation["summary"] = json!(summary);
        }
        if let Some(description) = description {
            operation["description"] = json!(description);
        }
        operation
    };
    let body = json!({"in": "body", "name": "args", "required": true, "schema": arguments(function)});
    let mut path = Map::from_iter([("post".to_owned(), operation(vec![body]))]);
    if function.volatility != Volatility::Volatile {
        path.insert("get".into(), operation(function.arguments.iter().map(argument).collect()));
    }
    Value::Object(path)
}

fn arguments(function: &Function) -> Value {
    let properties: Map<_, _> = function
        .arguments
        .iter()
        .map(|argument| (argument.name.clone(), property(&argument.type_name, &argument.type_name).into()))
        .collect();
    let mut schema = json!({"type": "object", "properties": properties});
    let required: Vec<_> =
        function.arguments.iter().filter(|argument| argument.required).map(|argument| &argument.name).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if let Some(comment) = &function.comment {
        schema["description"] = json!(comment);
    }
    schema
}

/// As a query parameter; what is no simple value is written as PostgreSQL does.
fn argument(argument: &Argument) -> Value {
    let Argument { name, type_name, required, variadic } = argument;
    if *variadic {
        let element = type_name.strip_suffix("[]").unwrap_or(type_name);
        let items = json!({"type": json_type(element).unwrap_or("string"), "format": element});
        return json!({
            "name": name, "in": "query", "required": required,
            "type": "array", "collectionFormat": "multi", "items": items,
        });
    }
    let kind = if type_name.ends_with("[]") { "string" } else { json_type(type_name).unwrap_or("string") };
    json!({"name": name, "in": "query", "required": required, "type": kind, "format": type_name})
}

fn common_parameters() -> Map<String, Value> {
    let header = |name: &str, description: &str, choices: &[&str]| {
        let mut parameter =
            json!({"name": name, "description": description, "required": false, "in": "header", "type": "string"});
        if !choices.is_empty() {
            parameter["enum"] = json!(choices);
        }
        parameter
    };
    let query = |name: &str, description: &str| json!({"name": name, "description": description, "required": false, "in": "query", "type": "string"});
    let returns = ["return=representation", "return=minimal", "return=headers-only"];
    let posts = [returns.as_slice(), &["resolution=ignore-duplicates", "resolution=merge-duplicates"]].concat();
    let mut range_unit = header("Range-Unit", "Limiting and Pagination", &[]);
    range_unit["default"] = json!("items");
    [
        ("preferReturn", header("Prefer", "Preference", &returns)),
        ("preferCount", header("Prefer", "Preference", &["count=exact", "count=planned", "count=estimated"])),
        ("preferPost", header("Prefer", "Preference", &posts)),
        ("select", query("select", "Filtering Columns")),
        ("on_conflict", query("on_conflict", "On Conflict")),
        ("order", query("order", "Ordering")),
        ("range", header("Range", "Limiting and Pagination", &[])),
        ("rangeUnit", range_unit),
        ("offset", query("offset", "Limiting and Pagination")),
        ("limit", query("limit", "Limiting and Pagination")),
    ]
    .into_iter()
    .map(|(name, parameter)| (name.to_owned(), parameter))
    .collect()
}

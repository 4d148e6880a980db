use plimsoll_db::rest::catalogue::{
    Argument, Column, ForeignKey, FunctionResult, Name, RelationKind, Shape, Volatility,
};
use serde_json::json;

use super::*;

fn name(schema: &str, name: &str) -> Name {
    Name { schema: schema.into(), name: name.into() }
}

fn column(name: &str, type_name: &str, nullable: bool) -> Column {
    Column {
        name: name.into(),
        type_name: type_name.into(),
        base_type: type_name.into(),
        nullable,
        has_default: false,
        generated: false,
        labels: Vec::new(),
        comment: None,
    }
}

fn relation(schema: &str, called: &str, open_to: &str) -> Relation {
    let mut flag = column("flag", "ops.flag", false);
    flag.labels = vec!["red".into(), "white".into()];
    Relation {
        name: name(schema, called),
        kind: RelationKind::Table,
        columns: vec![
            column("id", "bigint", false),
            flag,
            column("code", "character(3)", true),
            column("tags", "text[]", true),
            column("data", "jsonb", true),
            column("parent_id", "bigint", true),
        ],
        primary_key: vec!["id".into()],
        insertable: true,
        updatable: true,
        deletable: false,
        comment: Some("Things.\nWith more to say.".into()),
        open_to: vec![open_to.into()],
    }
}

fn catalogue() -> Catalogue {
    let function = |open_to: &str, volatility| Function {
        name: name("ops", "f"),
        arguments: vec![
            Argument { name: "a".into(), type_name: "integer".into(), required: true, variadic: false },
            Argument { name: "v".into(), type_name: "text[]".into(), required: false, variadic: true },
        ],
        result: FunctionResult { set: true, shape: Shape::Scalar { type_name: "uuid".into() } },
        volatility,
        comment: Some("Does it.".into()),
        open_to: vec![open_to.into()],
    };
    let relations = [
        relation("ops", "things", "authenticated"),
        relation("ops", "secrets", "service_role"),
        relation("public", "things", "authenticated"),
        relation("public", "others", "authenticated"),
    ];
    Catalogue {
        schemas: vec!["ops".into(), "public".into()],
        relations: relations.into_iter().map(|relation| (relation.name.clone(), relation)).collect(),
        functions: [
            (name("ops", "f"), vec![function("authenticated", Volatility::Stable)]),
            (name("ops", "w"), vec![function("authenticated", Volatility::Volatile)]),
            (name("ops", "hidden"), vec![function("service_role", Volatility::Volatile)]),
        ]
        .into(),
        foreign_keys: vec![ForeignKey {
            name: "things_parent_fk".into(),
            from: name("ops", "things"),
            from_columns: vec!["parent_id".into()],
            to: name("ops", "things"),
            to_columns: vec!["id".into()],
            one_to_one: false,
        }],
        ..Catalogue::default()
    }
}

#[test]
fn the_root_describes_what_the_role_may_use() {
    let catalogue = catalogue();
    let scope = Scope { catalogue: &catalogue, schema: "ops", role: "authenticated", max_rows: None };
    let document = swagger::describe(scope);
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/", "/rpc/f", "/rpc/w", "/things"]);
    let things = &document["paths"]["/things"];
    assert_eq!(things["get"]["summary"], "Things.");
    assert_eq!(things["get"]["description"], "With more to say.");
    assert_eq!(things["get"]["parameters"][0], json!({"$ref": "#/parameters/rowFilter.things.id"}));
    assert!(things["delete"].is_null());
    let definition = &document["definitions"]["things"];
    assert_eq!(definition["required"], json!(["id", "flag"]));
    let properties = &definition["properties"];
    assert_eq!(
        properties["id"],
        json!({"type": "integer", "format": "bigint", "description": "Note:\nThis is a Primary Key.<pk/>"})
    );
    assert_eq!(properties["flag"], json!({"type": "string", "format": "ops.flag", "enum": ["red", "white"]}));
    assert_eq!(properties["code"], json!({"type": "string", "format": "character", "maxLength": 3}));
    assert_eq!(properties["tags"], json!({"type": "array", "format": "text[]", "items": {"type": "string"}}));
    assert_eq!(properties["data"], json!({"format": "jsonb"}));
    assert_eq!(
        properties["parent_id"]["description"],
        "Note:\nThis is a Foreign Key to `things.id`.<fk table='things' column='id'/>"
    );
    let call = &document["paths"]["/rpc/f"];
    assert_eq!(call["post"]["tags"], json!(["(rpc) f"]));
    assert_eq!(call["post"]["parameters"][0]["schema"]["required"], json!(["a"]));
    assert_eq!(call["get"]["parameters"][1]["collectionFormat"], "multi");
    assert!(document["paths"]["/rpc/w"]["get"].is_null());
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let catalogue = catalogue();
    let scope = Scope { catalogue: &catalogue, schema: "ops", role: "authenticated", max_rows: None };
    for document in [swagger::describe(scope), paths::describe(&catalogue, "/rest/v1")] {
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}

#[test]
fn openapi_describes_all_schemas_for_people() {
    let document = paths::describe(&catalogue(), "/rest/v1");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/rest/v1/others", "/rest/v1/rpc/f", "/rest/v1/rpc/w", "/rest/v1/things"]);
    assert_eq!(document["paths"]["/rest/v1/things"]["get"]["operationId"], "read_ops_things");
    let profile = &document["paths"]["/rest/v1/others"]["post"]["parameters"][0];
    assert_eq!((&profile["name"], &profile["schema"]["const"]), (&json!("Content-Profile"), &json!("public")));
    let call = &document["paths"]["/rest/v1/rpc/f"]["post"];
    assert_eq!(call["requestBody"]["content"]["application/json"]["schema"]["required"], json!(["a"]));
    assert_eq!(
        call["responses"]["200"]["content"]["application/json"]["schema"],
        json!({"type": "array", "items": {"type": ["string", "null"], "format": "uuid"}})
    );
    for status in ["300", "400", "401", "403", "404", "405", "406", "409", "413", "416", "429", "503", "default"] {
        assert!(call["responses"][status].is_object(), "{status}");
    }
    let row = &document["paths"]["/rest/v1/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(row["items"]["properties"]["flag"], json!({"type": "string", "enum": ["red", "white"]}));
    assert_eq!(row["items"]["properties"]["tags"]["type"], json!(["array", "null"]));
}

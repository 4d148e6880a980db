//! PostgreSQL types as JSON schema.

use plimsoll_db::rest::catalogue::{Column, Function, Shape};
use serde_json::{Map, Value, json};

/// The JSON type of a PostgreSQL type that is no array; `None` is anything.
pub(super) fn json_type(type_name: &str) -> Option<&'static str> {
    match without_length(type_name) {
        "smallint" | "integer" | "bigint" => Some("integer"),
        "real" | "double precision" | "numeric" => Some("number"),
        "boolean" => Some("boolean"),
        "json" | "jsonb" => None,
        _ => Some("string"),
    }
}

/// `character varying(3)` is a `character varying`.
pub(super) fn without_length(type_name: &str) -> &str {
    type_name.split('(').next().unwrap_or(type_name).trim()
}

/// How a value of the type looks in JSON, for OpenAPI 3.1.
pub(super) fn of_type(type_name: &str) -> Value {
    if let Some(element) = type_name.strip_suffix("[]") {
        // PostgreSQL's arrays may have more dimensions than their type says, and nulls in them.
        let mut items = of_type(element);
        allow_null(&mut items);
        return json!({"type": "array", "items": items});
    }
    let Some(kind) = json_type(type_name) else { return json!({}) };
    match without_length(type_name) {
        "smallint" | "integer" => json!({"type": kind, "format": "int32"}),
        "bigint" => json!({"type": kind, "format": "int64"}),
        "uuid" => json!({"type": kind, "format": "uuid"}),
        "date" => json!({"type": kind, "format": "date"}),
        "timestamp with time zone" => json!({"type": kind, "format": "date-time"}),
        _ => json!({"type": kind}),
    }
}

/// A column's values.
pub(super) fn of_column(column: &Column) -> Value {
    let mut schema = if column.labels.is_empty() {
        of_type(&column.base_type)
    } else {
        json!({"type": "string", "enum": column.labels})
    };
    if column.nullable {
        allow_null(&mut schema);
    }
    if let Some(comment) = &column.comment {
        schema["description"] = json!(comment);
    }
    schema
}

/// A row with these columns; a reply has them all unless `select` leaves some out.
pub(super) fn of_row(columns: &[Column]) -> Value {
    let properties: Map<_, _> = columns.iter().map(|column| (column.name.clone(), of_column(column))).collect();
    json!({"type": "object", "properties": properties})
}

/// What a call answers.
pub(super) fn of_result(function: &Function) -> Value {
    let mut one = match &function.result.shape {
        Shape::Void => return json!({"type": "null"}),
        Shape::Scalar { type_name } => of_type(type_name),
        Shape::Row { columns, .. } => of_row(columns),
        Shape::Record => json!({"type": "object"}),
    };
    allow_null(&mut one);
    if function.result.set { json!({"type": "array", "items": one}) } else { one }
}

/// The arguments as an object.
pub(super) fn of_arguments(function: &Function) -> Value {
    let named = function.arguments.iter().filter(|argument| !argument.name.is_empty());
    let mut properties = Map::new();
    let mut required = Vec::new();
    for argument in named {
        let mut schema = of_type(&argument.type_name);
        allow_null(&mut schema);
        properties.insert(argument.name.clone(), schema);
        if argument.required {
            required.push(argument.name.as_str());
        }
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn allow_null(schema: &mut Value) {
    if let Some(kind) = schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(Value::Array(labels)) = schema.get_mut("enum") {
        labels.push(Value::Null);
    }
}

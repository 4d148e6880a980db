//! PostgreSQL types as JSON schema.

use plimsoll_db::rest::catalogue::Column;
use serde_json::{Map, Value, json};

/// How values of `type_name` look in JSON; `{}` is anything.
pub(super) fn of_type(type_name: &str) -> Value {
    if let Some(element) = type_name.strip_suffix("[]") {
        return json!({"type": "array", "items": of_type(element)});
    }
    let name = type_name.split('(').next().unwrap_or(type_name).trim();
    match name {
        "smallint" | "integer" => json!({"type": "integer", "format": "int32"}),
        "bigint" => json!({"type": "integer", "format": "int64"}),
        "real" | "double precision" | "numeric" => json!({"type": "number"}),
        "boolean" => json!({"type": "boolean"}),
        "json" | "jsonb" => json!({}),
        "uuid" => json!({"type": "string", "format": "uuid"}),
        "date" => json!({"type": "string", "format": "date"}),
        "timestamp with time zone" => json!({"type": "string", "format": "date-time"}),
        _ => json!({"type": "string"}),
    }
}

/// A column's values, with its labels where it is an enumeration.
pub(super) fn of_column(column: &Column) -> Map<String, Value> {
    let mut schema = match of_type(&column.base_type) {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    if !column.labels.is_empty() {
        schema = Map::from_iter([("type".to_owned(), json!("string")), ("enum".to_owned(), json!(column.labels))]);
    }
    if let Some(comment) = &column.comment {
        schema.insert("description".into(), json!(comment));
    }
    schema
}

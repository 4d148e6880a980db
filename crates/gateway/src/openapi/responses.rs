//! The answers that any request can have, for OpenAPI 3.1.

use serde_json::{Map, Value, json};

/// Where the schema of errors stands in the document.
const ERROR: &str = "#/components/schemas/GatewayError";

/// The schema of errors, for `components`.
pub(super) fn error_schema() -> Value {
    json!({
        "type": "object",
        "description": "An error in the shape of PostgREST: `code` is a SQLSTATE or a PGRST code.",
        "required": ["code", "details", "hint", "message"],
        "properties": {
            "code": {"type": "string"},
            "details": {"description": "More about it: a text, or the choices there are.", "type": ["string", "array", "null"]},
            "hint": {"type": ["string", "null"]},
            "message": {"type": "string"},
        },
    })
}

/// `successes` and everything that can go wrong.
pub(super) fn with_errors(successes: Map<String, Value>) -> Map<String, Value> {
    let errors = [
        ("300", "More than one function or relationship fits; the hint says how to choose."),
        ("400", "The request is wrong, or a function or constraint refused it."),
        ("401", "No credentials where some are needed, or credentials that are not valid."),
        ("403", "The role may not do this."),
        ("404", "No such table, function or arguments, or no such row for the caller."),
        ("405", "This method cannot be used here."),
        ("406", "No such schema or media type, or not exactly one row where one was asked for."),
        ("409", "It would break a unique key or a reference, or the row's state does not allow it."),
        ("413", "The body is too large."),
        ("416", "The range begins after the last row."),
        ("429", "Too many requests: try again after Retry-After seconds."),
        ("500", "A fault of a function or of the database."),
        ("503", "The database is not available: try again after Retry-After seconds."),
    ];
    let mut responses: Map<String, Value> = errors
        .into_iter()
        .map(|(status, description)| {
            let content = json!({"application/json": {"schema": {"$ref": ERROR}}});
            (status.to_owned(), json!({"description": description, "content": content}))
        })
        .collect();
    // A function may answer with any status, and then with a body of its own.
    responses.insert("default".into(), empty("A status that a function chose."));
    responses.extend(successes);
    responses
}

/// Rows in each form they can have.
pub(super) fn rows(description: &str, row: &Value) -> Value {
    content(description, &json!({"type": "array", "items": row}), row)
}

/// A result, and one row of it, in each form they can have.
pub(super) fn content(description: &str, whole: &Value, one: &Value) -> Value {
    json!({
        "description": description,
        "content": {
            "application/json": {"schema": whole},
            "application/vnd.pgrst.object+json": {"schema": one},
            "application/vnd.pgrst.object+json;nulls=stripped": {"schema": {}},
            "application/vnd.pgrst.array+json;nulls=stripped": {"schema": {}},
            "text/csv": {"schema": {"type": "string"}},
        },
    })
}

pub(super) fn empty(description: &str) -> Value {
    json!({"description": description})
}

//! OpenAPI 3.1: one path a table and one a function.

use plimsoll_db::rest::Catalogue;
use plimsoll_db::rest::catalogue::{Function, Relation, Volatility};
use serde_json::{Map, Value, json};

use super::responses::{content, empty, error_schema, rows, with_errors};
use super::{functions, relations, summary, types};

/// Who the document is for: what is for the service alone is not named.
const READERS: &[&str] = &["anon", "authenticated"];

pub(super) fn describe(catalogue: &Catalogue, prefix: &str) -> Value {
    let mut paths = Map::new();
    for (position, schema) in catalogue.schemas.iter().enumerate() {
        // A name that several schemas have is described as the first one has it.
        let schema = Schema { name: schema, is_default: position == 0 };
        for relation in relations(catalogue, schema.name, READERS) {
            let path = format!("{prefix}/{}", relation.name.name);
            paths.entry(path).or_insert_with(|| schema.table(relation));
        }
        for (name, overloads) in functions(catalogue, schema.name, READERS) {
            let path = format!("{prefix}/rpc/{name}");
            paths.entry(path).or_insert_with(|| schema.function(name, &overloads));
        }
    }
    json!({"paths": paths, "components": {"schemas": {"GatewayError": error_schema()}}})
}

struct Schema<'a> {
    name: &'a str,
    is_default: bool,
}

impl Schema<'_> {
    /// The header that names the schema; the default needs none.
    fn profile(&self, header: &str) -> Option<Value> {
        if self.is_default {
            return None;
        }
        Some(json!({
            "name": header, "in": "header", "required": true,
            "description": "The schema.", "schema": {"type": "string", "const": self.name},
        }))
    }

    fn table(&self, relation: &Relation) -> Value {
        let mut path = Map::new();
        let row = types::of_row(&relation.columns);
        let changed = |status: &str, description: &str| {
            Map::from_iter([
                (status.to_owned(), rows("The rows, with `return=representation`.", &row)),
                ("204".to_owned(), empty(description)),
            ])
        };
        let read = Map::from_iter([
            ("200".to_owned(), rows("The rows.", &row)),
            ("206".to_owned(), rows("A part of the rows, with a count.", &row)),
        ]);
        path.insert("get".into(), self.operation(relation, "read", "Accept-Profile", None, read));
        let body = |schema: Value| json!({"required": true, "content": {"application/json": {"schema": schema}}});
        if relation.insertable {
            let one_or_many = body(json!({"oneOf": [row, {"type": "array", "items": row}]}));
            let mut made = changed("201", "");
            made.remove("204");
            made.insert("200".into(), rows("Every row was there already, with `resolution=merge-duplicates`.", &row));
            path.insert("post".into(), self.operation(relation, "add", "Content-Profile", Some(one_or_many), made));
        }
        if relation.updatable {
            let answers = changed("200", "Changed.");
            let operation = self.operation(relation, "change", "Content-Profile", Some(body(row.clone())), answers);
            path.insert("patch".into(), operation);
        }
        if relation.deletable {
            let answers = changed("200", "Deleted.");
            path.insert("delete".into(), self.operation(relation, "delete", "Content-Profile", None, answers));
        }
        Value::Object(path)
    }

    fn operation(
        &self,
        relation: &Relation,
        verb: &str,
        profile: &str,
        body: Option<Value>,
        successes: Map<String, Value>,
    ) -> Value {
        let table = &relation.name.name;
        let (summary, description) = summary(relation.comment.as_deref());
        let mut parameters: Vec<_> = self.profile(profile).into_iter().collect();
        parameters.push(query("select", "The columns of the answer, and what is embedded in it."));
        if verb != "add" {
            parameters.push(query("order", "`column.desc.nullslast`, several between commas."));
            parameters.extend(relation.columns.iter().map(|column| {
                query(
                    &column.name,
                    &format!("A condition on `{}`: `eq.value`, `gt.5`, `in.(a,b)`, `is.null`.", column.name),
                )
            }));
        }
        if verb == "read" {
            let number = |name: &str, description: &str| json!({"name": name, "in": "query", "description": description, "schema": {"type": "integer", "minimum": 0}});
            parameters.push(number("limit", "At most so many rows."));
            parameters.push(number("offset", "Without the first so many rows."));
        }
        parameters.push(prefer());
        let mut operation = json!({
            "operationId": format!("{verb}_{}_{table}", self.name),
            "tags": [format!("{} tables", self.name)],
            "summary": summary.map_or_else(|| format!("{verb} {table}"), |text| format!("{verb} {table}: {text}")),
            "parameters": parameters,
            "responses": with_errors(successes),
        });
        if let Some(description) = description {
            operation["description"] = json!(description);
        }
        if let Some(body) = body {
            operation["requestBody"] = body;
        }
        operation
    }

    fn function(&self, name: &str, overloads: &[&Function]) -> Value {
        let mut path = Map::new();
        let schemas = |of: fn(&Function) -> Value| -> Value {
            let mut all: Vec<_> = overloads.iter().map(|function| of(function)).collect();
            all.dedup();
            if all.len() == 1 { all.remove(0) } else { json!({"anyOf": all}) }
        };
        let (whole, one) = (schemas(types::of_result), json!({}));
        let answers = || {
            Map::from_iter([
                ("200".to_owned(), content("The result.", &whole, &one)),
                ("204".to_owned(), empty("Done; the function has no result.")),
                ("206".to_owned(), content("A part of the rows, with a count.", &whole, &one)),
            ])
        };
        let comment = overloads.iter().find_map(|function| function.comment.as_deref());
        let (summary, description) = summary(comment);
        let operation = |verb: &str, profile: &str| {
            let mut parameters: Vec<_> = self.profile(profile).into_iter().collect();
            parameters.push(prefer());
            let mut operation = json!({
                "operationId": format!("{verb}_{}_{name}", self.name),
                "tags": [format!("{} functions", self.name)],
                "summary": summary.unwrap_or(name),
                "parameters": parameters,
                "responses": with_errors(answers()),
            });
            if let Some(description) = description {
                operation["description"] = json!(description);
            }
            operation
        };
        let mut post = operation("call", "Content-Profile");
        let needs_body = overloads.iter().all(|function| function.arguments.iter().any(|argument| argument.required));
        post["requestBody"] = json!({
            "required": needs_body,
            "content": {"application/json": {"schema": schemas(types::of_arguments)}},
        });
        path.insert("post".into(), post);
        let reading = overloads.iter().find(|function| function.volatility != Volatility::Volatile);
        if let Some(function) = reading {
            let mut get = operation("read", "Accept-Profile");
            if let Some(parameters) = get["parameters"].as_array_mut() {
                parameters.extend(function.arguments.iter().filter(|argument| !argument.name.is_empty()).map(
                    |argument| {
                        json!({
                            "name": argument.name, "in": "query", "required": argument.required,
                            "description": argument.type_name, "schema": {"type": "string"},
                        })
                    },
                ));
            }
            path.insert("get".into(), get);
        }
        Value::Object(path)
    }
}

fn query(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
}

fn prefer() -> Value {
    json!({
        "name": "Prefer", "in": "header",
        "description": "`return=representation`, `count=exact`, `resolution=merge-duplicates`, `handling=strict`, …",
        "schema": {"type": "string"},
    })
}

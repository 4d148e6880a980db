//! The description as plain HTML: no script, nothing from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

const METHODS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];

/// The whole page for an OpenAPI document.
pub(super) fn render(document: &Value) -> String {
    let mut sections: BTreeMap<&str, String> = BTreeMap::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        for method in METHODS {
            let operation = &item[method];
            if operation.is_object() {
                let tag = operation["tags"][0].as_str().unwrap_or("other");
                write_operation(sections.entry(tag).or_default(), document, path, method, operation);
            }
        }
    }
    let title = escape(document["info"]["title"].as_str().unwrap_or_default());
    let version = escape(document["info"]["version"].as_str().unwrap_or_default());
    let about = prose(document["info"]["description"].as_str().unwrap_or_default());
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body><h1>{title} {version}</h1><p>{about}</p>\
         <p>For programs: <a href=\"/openapi.json\">/openapi.json</a>.</p>"
    );
    for (tag, operations) in sections {
        let tag = escape(tag);
        let _ = write!(html, "<h2 id=\"{tag}\">{tag}</h2>{operations}");
    }
    html.push_str("</body></html>");
    html
}

fn write_operation(html: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let summary = prose(operation["summary"].as_str().unwrap_or_default());
    let _ = write!(
        html,
        "<details><summary><b>{}</b><code>{}</code><span>{summary}</span></summary>",
        method.to_uppercase(),
        escape(path)
    );
    if let Some(description) = operation["description"].as_str() {
        let _ = write!(html, "<p>{}</p>", prose(description));
    }
    write_parameters(html, operation);
    if let Some((kind, body)) =
        operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next())
    {
        let schema = pretty(resolve(document, &body["schema"]));
        let _ = write!(html, "<p>Body, {}:</p><pre>{schema}</pre>", escape(kind));
    }
    html.push_str("<table><tr><th>status</th><th>answer</th></tr>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let description = prose(resolve(document, response)["description"].as_str().unwrap_or_default());
        let _ = write!(html, "<tr><td>{}</td><td>{description}</td></tr>", escape(status));
    }
    html.push_str("</table></details>");
}

fn write_parameters(html: &mut String, operation: &Value) {
    let Some(parameters) = operation["parameters"].as_array().filter(|list| !list.is_empty()) else { return };
    html.push_str("<table><tr><th>parameter</th><th>in</th><th>meaning</th></tr>");
    for parameter in parameters {
        let text = |name: &str| escape(parameter[name].as_str().unwrap_or_default());
        let _ = write!(
            html,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            text("name"),
            text("in"),
            prose(parameter["description"].as_str().unwrap_or_default())
        );
    }
    html.push_str("</table>");
}

/// A schema or an answer, or the one it points at.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#'))).unwrap_or(schema)
}

fn pretty(schema: &Value) -> String {
    escape(&serde_json::to_string_pretty(schema).unwrap_or_default())
}

/// What stands between backticks is code.
fn prose(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, (code, after))) =
        rest.split_once('`').and_then(|(before, code)| Some((before, code.split_once('`')?)))
    {
        let _ = write!(html, "{}<code>{}</code>", escape(before), escape(code));
        rest = after;
    }
    html + &escape(rest)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn backticks_make_code_and_nothing_else() {
        assert_eq!(prose("`a<b` and `c`: d"), "<code>a&lt;b</code> and <code>c</code>: d");
        assert_eq!(prose("one ` alone <i>"), "one ` alone &lt;i&gt;");
        assert_eq!(prose(""), "");
    }

    #[test]
    fn shows_each_operation_and_escapes_what_it_shows() {
        let html = render(&json!({
            "info": {"title": "T<script>", "version": "1"},
            "components": {"schemas": {"Thing": {"type": "object", "title": "a thing"}}, "responses": {"Busy": {"description": "later"}}},
            "paths": {"/a/{id}": {"post": {
                "tags": ["things"], "summary": "Make <it>",
                "parameters": [{"name": "id", "in": "path", "description": "which"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"201": {"description": "made"}, "429": {"$ref": "#/components/responses/Busy"}},
            }}},
        }));
        for part in [
            "<b>POST</b>",
            "/a/{id}",
            "Make &lt;it&gt;",
            "which",
            "a thing",
            "<td>201</td><td>made</td>",
            "<td>429</td><td>later</td>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<script"));
    }
}

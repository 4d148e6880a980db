//! The `apikey` header, which the surfaces of other people's clients take alone or beside something else.

use serde_json::{Map, Value, json};

use crate::surface::Surface;

const SCHEME: &str = "apikey";

/// Says so of each operation that takes it.
pub(super) fn accept(document: &mut Value) {
    document["components"]["securitySchemes"][SCHEME] = json!({
        "type": "apiKey", "in": "header", "name": SCHEME,
        "description": "A key of the server (sb_publishable_…, sb_secret_…), the anon or service_role key, or an API token. Where it is sent it must be good; a bearer beside it says who asks.",
    });
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        if !matches!(Surface::of(path), Surface::Rest | Surface::Auth | Surface::Functions) {
            continue;
        }
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|value| value.is_object()) {
            let said = operation["security"].as_array().cloned();
            operation["security"] = ways(said.unwrap_or_else(|| vec![json!({"bearer": []})]));
        }
    }
}

/// Each way, and the same with a key; and the key alone where else a bearer would say who asks.
fn ways(without: Vec<Value>) -> Value {
    let with = |way: &Value| {
        let mut way = way.clone();
        way[SCHEME] = json!([]);
        way
    };
    let alone = without.iter().any(|way| way.get("bearer").is_some()).then(|| json!({SCHEME: []}));
    let beside: Vec<_> = without.iter().map(with).collect();
    Value::Array(without.into_iter().chain(alone).chain(beside).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_alone_where_it_says_who_asks_and_beside_what_else_is_wanted() {
        assert_eq!(
            ways(vec![json!({"bearer": []})]),
            json!([{"bearer": []}, {"apikey": []}, {"bearer": [], "apikey": []}])
        );
        assert_eq!(ways(vec![json!({})]), json!([{}, {"apikey": []}]));
        assert_eq!(
            ways(vec![json!({"ingest_token": []})]),
            json!([{"ingest_token": []}, {"ingest_token": [], "apikey": []}])
        );
    }
}

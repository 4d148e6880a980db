//! The body of a request: JSON, a form, CSV, or bytes for a function that takes the whole.

mod csv;
mod json;

use std::collections::BTreeSet;

use axum::body::Bytes;

use crate::error::ApiError;
use crate::media::Media;
use crate::query;

/// Fields of a form.
const MOST_FIELDS: usize = 1_000;

/// A body that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Json(Json),
    Form(Vec<(String, String)>),
    /// For a function with one unnamed argument.
    Whole(Bytes),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Json {
    pub(crate) text: String,
    /// Of the object, or of every object of the array.
    pub(crate) keys: BTreeSet<String>,
    pub(crate) is_array: bool,
}

/// The body of POST, PATCH and PUT to a table. With `columns=` rows may differ in their keys.
pub(crate) fn rows(media: &Media, bytes: &Bytes, columns_given: bool) -> Result<Json, ApiError> {
    match media {
        Media::Json => json::read(text(bytes)?, columns_given),
        Media::Csv => csv::read(&text(bytes)?),
        Media::Form => {
            let fields: serde_json::Map<_, _> =
                form(bytes)?.into_iter().map(|(name, value)| (name, value.into())).collect();
            let keys = fields.keys().cloned().collect();
            Ok(Json { text: serde_json::Value::Object(fields).to_string(), keys, is_array: false })
        }
        other => Err(unacceptable(other)),
    }
}

/// The body of POST to a function; an empty one is an empty object.
pub(crate) fn arguments(media: &Media, bytes: &Bytes, columns_given: bool) -> Result<Body, ApiError> {
    match media {
        Media::Json if bytes.is_empty() => {
            Ok(Body::Json(Json { text: "{}".into(), keys: BTreeSet::new(), is_array: false }))
        }
        Media::Json => json::read(text(bytes)?, columns_given).map(Body::Json),
        Media::Csv => csv::read(&text(bytes)?).map(Body::Json),
        Media::Form => form(bytes).map(Body::Form),
        Media::Text | Media::Xml => text(bytes).map(|text| Body::Whole(text.into())),
        Media::Bytes => Ok(Body::Whole(bytes.clone())),
        other => Err(unacceptable(other)),
    }
}

/// The first object of an array: what a function with named arguments takes of it.
pub(crate) fn first_object(json: &Json) -> String {
    if json.is_array { json::first(&json.text) } else { json.text.clone() }
}

fn unacceptable(media: &Media) -> ApiError {
    ApiError::invalid_body(format!("Content-Type not acceptable: {}", media.name()))
}

fn text(bytes: &Bytes) -> Result<String, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::invalid_body("The body is not valid UTF-8"))?;
    if text.contains('\0') {
        return Err(ApiError::invalid_body("The body has a NUL character"));
    }
    Ok(text.to_owned())
}

fn form(bytes: &Bytes) -> Result<Vec<(String, String)>, ApiError> {
    let text = text(bytes)?;
    if text.split('&').count() > MOST_FIELDS {
        return Err(ApiError::invalid_body(format!("The form has more than {MOST_FIELDS} fields")));
    }
    let pairs = query::pairs(&text).map_err(|_| ApiError::invalid_body("The form is not encoded as one"))?;
    Ok(pairs.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(media: &Media, body: &str) -> Result<Json, String> {
        rows(media, &Bytes::copy_from_slice(body.as_bytes()), false)
            .map_err(|e| e.json()["message"].as_str().unwrap_or_default().to_owned())
    }

    fn json(text: &str, keys: &[&str], is_array: bool) -> Json {
        Json { text: text.into(), keys: keys.iter().map(|key| (*key).to_owned()).collect(), is_array }
    }

    #[test]
    fn rows_are_objects_with_the_same_keys() {
        for (body, keys, is_array) in [
            (r#"{"a":1,"b":{"c":[2]}}"#, &["a", "b"][..], false),
            (r#"[{"a":1,"b":2},{"b":null,"a":"x"}]"#, &["a", "b"], true),
            ("[]", &[], true),
            ("{}", &[], false),
            ("[{},{}]", &[], true),
        ] {
            assert_eq!(read(&Media::Json, body), Ok(json(body, keys, is_array)), "{body}");
        }
        for scalar in ["1", "\"x\"", "null", "true"] {
            assert_eq!(read(&Media::Json, scalar), Ok(json("[]", &[], true)), "{scalar}");
        }
        for body in [r#"[{"a":1},{"b":1}]"#, r#"[{"a":1},{"a":1,"b":1}]"#, r#"[{"a":1},2]"#, "[1]", "[[{}]]"] {
            assert_eq!(read(&Media::Json, body), Err("All object keys must match".into()), "{body}");
        }
        for body in ["", "{", "{\"a\":}", "[{\"a\":1},]", "{} x", "nul"] {
            assert_eq!(read(&Media::Json, body), Err("Empty or invalid json".into()), "{body}");
        }
        let nested = |depth: usize| format!("{{\"a\":{}\"]]\\\"[[\"{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&Media::Json, &nested(999)).is_ok());
        assert_eq!(read(&Media::Json, &nested(1_000)), Err("The JSON is nested more than 1000 levels deep".into()));
        let uneven = Bytes::from_static(br#"[{"a":1},{"b":1}]"#);
        assert!(rows(&Media::Json, &uneven, true).is_ok());
    }

    #[test]
    fn csv_and_forms_become_objects() {
        let rows = read(&Media::Csv, "a,b\r\n1,\"x, \"\"y\"\"\n\"\nNULL,\n").unwrap();
        assert_eq!(rows.text, r#"[{"a":"1","b":"x, \"y\"\n"},{"a":null,"b":""}]"#);
        assert_eq!(rows.keys.len(), 2);
        assert_eq!(read(&Media::Csv, "a,b\n1\n"), Err("All lines must have same number of fields".into()));
        assert!(read(&Media::Csv, "").is_err());
        assert!(read(&Media::Csv, "a\n\"open").is_err());
        assert_eq!(read(&Media::Form, "a=1&b=x+y%26"), Ok(json(r#"{"a":"1","b":"x y&"}"#, &["a", "b"], false)));
        assert_eq!(read(&Media::Text, "a"), Err("Content-Type not acceptable: text/plain".into()));
    }

    #[test]
    fn a_small_body_does_not_become_a_large_one() {
        let csv = |names: String, row: &str, rows: usize| read(&Media::Csv, &(names + "\n" + &row.repeat(rows)));
        let error = csv("x".repeat(100_000), "1\n", 100_000).unwrap_err();
        assert_eq!(error, "The CSV is over 67108864 bytes as JSON");
        assert!(csv("x".repeat(100_000), "1\n", 100).is_ok());
        assert!(csv(",".repeat(1_600), "", 0).unwrap_err().contains("more than 1600 columns"));
        assert!(read(&Media::Form, &"a=1&".repeat(1_000)).unwrap_err().contains("more than 1000 fields"));
    }

    #[test]
    fn a_function_takes_named_arguments_or_the_whole() {
        let arguments = |media, body: &'static [u8]| arguments(media, &Bytes::from_static(body), false);
        assert_eq!(arguments(&Media::Json, b"").unwrap(), Body::Json(json("{}", &[], false)));
        assert_eq!(arguments(&Media::Bytes, b"\xff\0").unwrap(), Body::Whole(Bytes::from_static(b"\xff\0")));
        assert_eq!(
            arguments(&Media::Form, b"a=1&a=2").unwrap(),
            Body::Form(vec![("a".into(), "1".into()), ("a".into(), "2".into())])
        );
        assert!(arguments(&Media::Text, b"\xff").is_err());
        assert!(arguments(&Media::Other("image/png".into()), b"x").is_err());
        assert_eq!(first_object(&json(r#"[{"a":1},{"a":2}]"#, &["a"], true)), r#"{"a":1}"#);
        assert_eq!(first_object(&json("[]", &[], true)), "{}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let bytes = Bytes::from(bytes);
            for media in [Media::Json, Media::Csv, Media::Form, Media::Text, Media::Bytes] {
                let _ = rows(&media, &bytes, false);
                let _ = arguments(&media, &bytes, true);
            }
        }

        #[test]
        fn csv_comes_back(cells in prop::collection::vec(prop::collection::vec("[^\\x00]{0,5}", 2), 1..4)) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let lines: Vec<_> = cells.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",")).collect();
            let text = format!("a,b\n{}\n", lines.join("\n"));
            let read: Vec<serde_json::Value> = serde_json::from_str(&read(&Media::Csv, &text).unwrap().text).unwrap();
            for (row, line) in cells.iter().zip(&read) {
                for (cell, name) in row.iter().zip(["a", "b"]) {
                    let expected = if cell == "NULL" { serde_json::Value::Null } else { cell.as_str().into() };
                    prop_assert_eq!(&line[name], &expected);
                }
            }
        }
    }
}

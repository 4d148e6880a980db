//! Looks at the keys of a JSON body without building its values.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Json;
use crate::error::ApiError;

/// PostgreSQL gives up where its stack ends, and calls that a fault of the server.
const DEEPEST: usize = 1_000;

/// What an object, or every object of an array, has; anything else counts as no rows at all.
pub(super) fn read(text: String, columns_given: bool) -> Result<Json, ApiError> {
    if depth(&text) > DEEPEST {
        return Err(ApiError::invalid_body(format!("The JSON is nested more than {DEEPEST} levels deep")));
    }
    let shape: Shape = serde_json::from_str(&text).map_err(|_| ApiError::invalid_body("Empty or invalid json"))?;
    match shape {
        Shape::Object(keys) => Ok(Json { text, keys, is_array: false }),
        Shape::Array { keys, uniform } if uniform || columns_given => Ok(Json { text, keys, is_array: true }),
        Shape::Array { .. } => Err(ApiError::invalid_body("All object keys must match")),
        Shape::Other => Ok(Json { text: "[]".into(), keys: BTreeSet::new(), is_array: true }),
    }
}

/// How deep brackets and braces are nested at most, of text that may be no JSON at all.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => _ = bytes.next(),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The first element, or an empty object.
pub(super) fn first(array: &str) -> String {
    let elements: Vec<&RawValue> = serde_json::from_str(array).unwrap_or_default();
    elements.first().map_or_else(|| "{}".into(), |first| first.get().to_owned())
}

enum Shape {
    Object(BTreeSet<String>),
    Array { keys: BTreeSet<String>, uniform: bool },
    Other,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Rows)
    }
}

struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        keys(&mut map).map(Shape::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Shape, A::Error> {
        let mut first: Option<Element> = None;
        let mut uniform = true;
        while let Some(element) = rows.next_element::<Element>()? {
            match &first {
                None => {
                    uniform = element.0.is_some();
                    first = Some(element);
                }
                Some(first) => uniform &= first.0 == element.0,
            }
        }
        let keys = first.and_then(|element| element.0).unwrap_or_default();
        Ok(Shape::Array { keys, uniform })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }
}

/// The keys of an element that is an object.
struct Element(Option<BTreeSet<String>>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Most elements are objects; of the others only that they are none is of interest.
        let raw = <&RawValue>::deserialize(deserializer)?;
        if !raw.get().trim_start().starts_with('{') {
            return Ok(Self(None));
        }
        let mut object = serde_json::Deserializer::from_str(raw.get());
        let keys = object.deserialize_map(Keys).map_err(serde::de::Error::custom)?;
        Ok(Self(Some(keys)))
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = BTreeSet<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        keys(&mut map)
    }
}

fn keys<'de, A: MapAccess<'de>>(map: &mut A) -> Result<BTreeSet<String>, A::Error> {
    let mut keys = BTreeSet::new();
    while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
        keys.insert(key);
    }
    Ok(keys)
}

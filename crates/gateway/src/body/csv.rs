//! CSV with a line of names, as RFC 4180 has it. `NULL` is null.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Json;
use crate::error::ApiError;

pub(super) fn read(text: &str) -> Result<Json, ApiError> {
    let mut lines = lines(text)?.into_iter();
    let names = lines.next().ok_or_else(|| ApiError::invalid_body("The CSV has no line of column names"))?;
    let rows = lines
        .map(|cells| {
            if cells.len() != names.len() {
                return Err(ApiError::invalid_body("All lines must have same number of fields"));
            }
            let value = |cell: String| if cell == "NULL" { Value::Null } else { Value::String(cell) };
            Ok(Value::Object(names.iter().cloned().zip(cells.into_iter().map(value)).collect::<Map<_, _>>()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let keys = if rows.is_empty() { BTreeSet::new() } else { names.into_iter().collect() };
    Ok(Json { text: Value::Array(rows).to_string(), keys, is_array: true })
}

fn lines(text: &str) -> Result<Vec<Vec<String>>, ApiError> {
    let mut lines = Vec::new();
    let mut cells = Vec::new();
    let mut rest = text;
    while !rest.is_empty() || !cells.is_empty() {
        let (cell, after) = cell(rest)?;
        cells.push(cell);
        let ends_line = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'));
        if let Some(next) = after.strip_prefix(',') {
            rest = next;
        } else if let Some(next) = ends_line.or_else(|| after.is_empty().then_some("")) {
            rest = next;
            let line = std::mem::take(&mut cells);
            // An empty line is no row.
            if line != [""] {
                lines.push(line);
            }
        } else {
            return Err(ApiError::invalid_body("The CSV has text after a closing quote"));
        }
    }
    Ok(lines)
}

/// One value, and what comes after it.
fn cell(text: &str) -> Result<(String, &str), ApiError> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let end = if text[end..].starts_with('\n') && text[..end].ends_with('\r') { end - 1 } else { end };
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    loop {
        let quote = rest.find('"').ok_or_else(|| ApiError::invalid_body("The CSV has a quote that is not closed"))?;
        value.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(next) => {
                value.push('"');
                rest = next;
            }
            None => return Ok((value, rest)),
        }
    }
}

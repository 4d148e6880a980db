//! CSV with a line of names, as RFC 4180 has it. `NULL` is null.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Json;
use crate::error::ApiError;

/// Each row repeats the names as keys, so a small body can become a large one.
const MOST_JSON_BYTES: usize = 64 * 1024 * 1024;
/// No table has more.
const MOST_COLUMNS: usize = 1_600;

pub(super) fn read(text: &str) -> Result<Json, ApiError> {
    let mut rest = text;
    let names = line(&mut rest)?.ok_or_else(|| ApiError::invalid_body("The CSV has no line of column names"))?;
    let quoted: Vec<String> = names.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
    // Written as it is read: values of JSON would hold many times the memory.
    let mut json = String::from("[");
    while let Some(cells) = line(&mut rest)? {
        if cells.len() != names.len() {
            return Err(ApiError::invalid_body("All lines must have same number of fields"));
        }
        json.push_str(if json.len() == 1 { "{" } else { ",{" });
        for (position, (name, cell)) in quoted.iter().zip(cells).enumerate() {
            json.push_str(if position == 0 { "" } else { "," });
            json.push_str(name);
            json.push(':');
            json.push_str(&if cell == "NULL" { Value::Null } else { Value::String(cell) }.to_string());
        }
        json.push('}');
        if json.len() > MOST_JSON_BYTES {
            return Err(ApiError::invalid_body(format!("The CSV is over {MOST_JSON_BYTES} bytes as JSON")));
        }
    }
    let keys = if json.len() == 1 { BTreeSet::new() } else { names.into_iter().collect() };
    json.push(']');
    Ok(Json { text: json, keys, is_array: true })
}

/// The values of the next line that is not empty, which is taken off `rest`.
fn line(rest: &mut &str) -> Result<Option<Vec<String>>, ApiError> {
    let mut cells = Vec::new();
    while !rest.is_empty() || !cells.is_empty() {
        if cells.len() == MOST_COLUMNS {
            return Err(ApiError::invalid_body(format!("The CSV has more than {MOST_COLUMNS} columns")));
        }
        let (value, after) = cell(rest)?;
        cells.push(value);
        let ends_line = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'));
        if let Some(next) = after.strip_prefix(',') {
            *rest = next;
        } else if let Some(next) = ends_line.or_else(|| after.is_empty().then_some("")) {
            *rest = next;
            if cells != [""] {
                return Ok(Some(cells));
            }
            cells.clear();
        } else {
            return Err(ApiError::invalid_body("The CSV has text after a closing quote"));
        }
    }
    Ok(None)
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

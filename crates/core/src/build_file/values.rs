//! The kinds of value that a build file holds, each with the check and the message that go with it.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::read::Reader;
use super::{MAX_ENV, MAX_PATTERNS, MAX_TIMEOUT_SECONDS};

/// Longest value of one variable, in bytes: well under what Linux passes to a process.
const MAX_ENV_VALUE_BYTES: usize = 64 << 10;
/// Longest path or pattern, in bytes.
const MAX_PATH_BYTES: usize = 1_000;

type Value<'v, 'i> = &'v Spanned<DeValue<'i>>;

pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn not_one_of(given: &str, what: &str, names: &[&str]) -> String {
    let given: String = given.chars().take(60).collect();
    let hint = nearest(&given, names).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    format!("{given:?} is not {what}: expected one of {}{hint}", names.join(", "))
}

/// The known name that was most likely meant: few edits away, or holding what was written.
pub(super) fn nearest<'n>(given: &str, names: &[&'n str]) -> Option<&'n str> {
    let given = given.to_lowercase().replace('-', "_");
    let near = names.iter().map(|name| (edits(&given, name), *name)).min()?;
    if near.0 <= 2.max(given.len() / 4) && near.0 < given.chars().count() {
        return Some(near.1);
    }
    names
        .iter()
        .find(|name| given.len() >= 3 && (name.starts_with(given.as_str()) || given.starts_with(**name)))
        .copied()
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

pub(super) fn string(reader: &mut Reader<'_>, value: Value<'_, '_>, key: &str) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        other => {
            reader.problem(value, format!("`{key}` is a text in quotes, not {}", kind_of(other)));
            None
        }
    }
}

pub(super) fn timeout(reader: &mut Reader<'_>, value: Value<'_, '_>) -> Option<u64> {
    let seconds = match value.get_ref() {
        DeValue::Integer(number) => i128::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok(),
        other => {
            let message = format!("`timeout_seconds` is a whole number of seconds, not {}", kind_of(other));
            reader.problem(value, message);
            return None;
        }
    };
    match seconds {
        Some(seconds) if (1..=i128::from(MAX_TIMEOUT_SECONDS)).contains(&seconds) => u64::try_from(seconds).ok(),
        _ => {
            reader.problem(value, format!("`timeout_seconds` must be between 1 and {MAX_TIMEOUT_SECONDS}"));
            None
        }
    }
}

pub(super) fn env(reader: &mut Reader<'_>, value: Value<'_, '_>) -> BTreeMap<String, String> {
    let DeValue::Table(table) = value.get_ref() else {
        let message = format!("`env` is a table such as {{ CI = \"true\" }}, not {}", kind_of(value.get_ref()));
        reader.problem(value, message);
        return BTreeMap::new();
    };
    if table.len() > MAX_ENV {
        reader.problem(value, format!("`env` has {} variables; at most {MAX_ENV} are allowed", table.len()));
        return BTreeMap::new();
    }
    let mut env = BTreeMap::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if let Some(why) = bad_env_name(name) {
            let name: String = name.chars().take(60).collect();
            reader.problem(key, format!("{name:?} cannot be a variable: {why}"));
            continue;
        }
        if let Some(text) = env_value(reader, value, name) {
            env.insert(name.to_owned(), text);
        }
    }
    env
}

fn bad_env_name(name: &str) -> Option<&'static str> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some("a name has letters, digits and underscores, and does not begin with a digit");
    }
    if name.len() > 200 {
        return Some("a name has at most 200 characters");
    }
    if name.to_ascii_uppercase().starts_with("PLIMSOLL_") {
        return Some("names that begin with PLIMSOLL_ are set by the runner");
    }
    None
}

fn env_value(reader: &mut Reader<'_>, value: Value<'_, '_>, name: &str) -> Option<String> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().replace('_', ""),
        other => {
            reader.problem(value, format!("`{name}` is a text in quotes, not {}", kind_of(other)));
            return None;
        }
    };
    if text.contains('\0') {
        reader.problem(value, format!("`{name}` holds a NUL character, which no variable can"));
        return None;
    }
    if text.len() > MAX_ENV_VALUE_BYTES {
        reader.problem(value, format!("`{name}` has {} bytes; at most {MAX_ENV_VALUE_BYTES} are allowed", text.len()));
        return None;
    }
    Some(text)
}

/// A list of texts; one text alone counts as a list of it.
fn strings<'v, 'i>(reader: &mut Reader<'_>, value: Value<'v, 'i>, key: &str) -> Vec<(Value<'v, 'i>, String)> {
    let items: Vec<Value<'v, 'i>> = match value.get_ref() {
        DeValue::Array(items) => items.iter().collect(),
        DeValue::String(_) => vec![value],
        other => {
            reader.problem(value, format!("`{key}` is a list of texts such as [\"dist\"], not {}", kind_of(other)));
            return Vec::new();
        }
    };
    if items.len() > MAX_PATTERNS {
        reader.problem(value, format!("`{key}` has {} entries; at most {MAX_PATTERNS} are allowed", items.len()));
        return Vec::new();
    }
    items.into_iter().filter_map(|item| Some((item, string(reader, item, key)?))).collect()
}

pub(super) fn path(reader: &mut Reader<'_>, value: Value<'_, '_>, key: &str) -> Option<String> {
    let text = string(reader, value, key)?;
    accept_path(reader, value, key, text)
}

pub(super) fn paths(reader: &mut Reader<'_>, value: Value<'_, '_>, key: &str) -> Vec<String> {
    let items = strings(reader, value, key);
    items.into_iter().filter_map(|(at, text)| accept_path(reader, at, key, text)).collect()
}

pub(super) fn globs(reader: &mut Reader<'_>, value: Value<'_, '_>, key: &str) -> Vec<String> {
    let mut globs = paths(reader, value, key);
    globs.retain(|glob| match globset::Glob::new(glob) {
        Ok(_) => true,
        Err(error) => {
            let message = format!("{glob:?} in `{key}` is not a pattern: {}", error.kind());
            reader.problem(value, message);
            false
        }
    });
    globs
}

/// Paths stay inside the checkout; `./x/` and `x` are the same.
fn accept_path(reader: &mut Reader<'_>, at: Value<'_, '_>, key: &str, text: String) -> Option<String> {
    match bad_path(&text) {
        Some(why) => {
            let shown: String = text.chars().take(80).collect();
            reader.problem(at, format!("{shown:?} in `{key}` {why}"));
            None
        }
        None => {
            let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
            Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
        }
    }
}

fn bad_path(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("is empty: give a path inside the repository, or leave the key out");
    }
    if text.len() > MAX_PATH_BYTES {
        return Some("is longer than 1,000 bytes");
    }
    if text.chars().any(char::is_control) {
        return Some("holds a control character");
    }
    if text.starts_with('/') || text.starts_with('~') || text.get(1..3).is_some_and(|s| s == ":\\" || s == ":/") {
        return Some("must be relative to the repository's root: write it without the leading part");
    }
    if text.split(['/', '\\']).any(|part| part == "..") {
        return Some("must stay inside the repository: `..` is not allowed");
    }
    None
}

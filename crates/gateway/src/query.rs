//! The query string: which parameter is what, and what each says.

pub(crate) mod cursor;
mod decode;
pub(crate) mod logic;
pub(crate) mod names;
mod operator;
pub(crate) mod select;

use std::collections::BTreeSet;

use self::cursor::{Cursor, Parsed};
use self::logic::{Filter, Tree};
use self::operator::{Place, expression, looks_like_filter};
use self::select::{OrderItem, SelectItem};
use crate::error::ApiError;
use crate::range::RowRange;

pub(crate) use self::decode::{decode, encode, pairs};

/// Conditions of one request, those within `and` and `or` counted.
const MOST_FILTERS: usize = 1_000;

/// Names of embeds that lead from the table of the URL to one of its embeds; empty for the table itself.
pub(crate) type Path = Vec<String>;

#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) select: Vec<SelectItem>,
    pub(crate) filters: Vec<(Path, Filter)>,
    /// The filters' names as they were written.
    pub(crate) filter_names: BTreeSet<String>,
    pub(crate) trees: Vec<(Path, Tree)>,
    pub(crate) order: Vec<(Path, Vec<OrderItem>)>,
    pub(crate) ranges: Vec<(Path, RowRange)>,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) on_conflict: Option<Vec<String>>,
    /// What is none of these: a function's arguments.
    pub(crate) arguments: Vec<(String, String)>,
    /// Sorted and encoded, for `Content-Location`.
    pub(crate) canonical: String,
}

/// `arguments`: the request is a GET of a function, so parameters without an operator are its arguments.
pub(crate) fn parse(raw: &str, arguments: bool) -> Result<Query, ApiError> {
    let pairs = pairs(raw)?;
    let mut query = Query { canonical: canonical(&pairs), ..Query::default() };
    let first = |name: &str| pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_deref());
    let list = |name: &str| {
        first(name).map(|text| read(&format!("failed to parse {name} parameter"), text, names::name_list)).transpose()
    };
    query.columns = list("columns")?;
    query.on_conflict = list("on_conflict")?;
    query.select = read("failed to parse select parameter", first("select").unwrap_or("*"), select::select)?;
    let given = pairs.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?)));
    for (key, value) in given {
        query.read_pair(key, value, arguments)?;
    }
    let conditions = query.filters.len() + query.trees.iter().map(|(_, tree)| tree.filters()).sum::<usize>();
    if conditions > MOST_FILTERS || query.arguments.len() > MOST_FILTERS {
        return Err(ApiError::bad_request("PGRST100", "too many filters")
            .details(format!("the query string has {conditions} filters; at most {MOST_FILTERS} are read")));
    }
    Ok(query)
}

impl Query {
    fn read_pair(&mut self, key: &str, value: &str, arguments: bool) -> Result<(), ApiError> {
        let last = key.rsplit('.').next().unwrap_or_default();
        match last {
            _ if ["select", "columns", "on_conflict"].contains(&key) => {}
            "and" | "or" => {
                let (path, operator) = read("failed to parse logic path", key, logic::key)?;
                let text = format!("{operator}{value}");
                let tree = logic::tree(&mut Cursor::new(&text))
                    .map_err(|e| e.into_error(&format!("failed to parse logic tree ({value})"), &text))?;
                self.trees.push((path, tree));
            }
            "order" => {
                let path = embed_path(key)?;
                self.order.push((path, read("failed to parse order", value, select::order)?));
            }
            "limit" => self.range(key)?.limit = parse_number(value),
            "offset" => self.range(key)?.offset = parse_number(value).unwrap_or(0).max(0),
            _ if arguments && !key.contains('.') && !looks_like_filter(value) => {
                self.arguments.push((key.to_owned(), value.to_owned()));
            }
            _ => {
                let (path, field) = read("failed to parse tree path", key, names::tree_path)?;
                let (negated, test) = read("failed to parse filter", value, |cursor| {
                    let parsed = expression(cursor, Place::Parameter)?;
                    cursor.expect_end("end of input").map(|()| parsed)
                })?;
                self.filter_names.insert(key.to_owned());
                self.filters.push((path, Filter { field, negated, test }));
            }
        }
        Ok(())
    }

    fn range(&mut self, key: &str) -> Result<&mut RowRange, ApiError> {
        let path = embed_path(key)?;
        let at = match self.ranges.iter().position(|(known, _)| *known == path) {
            Some(at) => at,
            None => {
                self.ranges.push((path, RowRange::ALL));
                self.ranges.len() - 1
            }
        };
        Ok(&mut self.ranges[at].1)
    }

    /// `limit` and `offset` of the table itself.
    pub(crate) fn top_range(&self) -> RowRange {
        self.ranges.iter().find(|(path, _)| path.is_empty()).map_or(RowRange::ALL, |(_, range)| *range)
    }

    /// The filters of the table itself.
    pub(crate) fn top_filters(&self) -> impl Iterator<Item = &Filter> {
        self.filters.iter().filter(|(path, _)| path.is_empty()).map(|(_, filter)| filter)
    }
}

fn embed_path(key: &str) -> Result<Path, ApiError> {
    read("failed to parse tree path", key, names::tree_path).map(|(path, _)| path)
}

/// Too large is as good as endless; what is no number is left out, as PostgREST does.
fn parse_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

fn read<T>(what: &str, text: &str, parser: impl Fn(&mut Cursor<'_>) -> Parsed<T>) -> Result<T, ApiError> {
    parser(&mut Cursor::new(text)).map_err(|error| error.into_error(&format!("{what} ({text})"), text))
}

fn canonical(pairs: &[(String, Option<String>)]) -> String {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let encoded: Vec<_> = sorted
        .iter()
        .map(|(key, value)| format!("{}={}", encode(key), encode(value.as_deref().unwrap_or_default())))
        .collect();
    encoded.join("&")
}

#[cfg(test)]
mod tests;

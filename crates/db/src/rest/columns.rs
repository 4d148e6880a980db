//! The columns of an answer, where plan and catalogue tell them all: its rows are then fetched as they are, and their JSON
//! is written here.

use std::collections::HashSet;

use super::catalogue::Column;
use super::plan::{Embed, Field, Item, JsonKey, Read};

/// A column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    pub key: String,
    pub sent: Sent,
}

/// How a value leaves PostgreSQL on its way into JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// As it is, for a type that is written as JSON here, in [`rows`](super::rows).
    Plain,
    /// As `text`: an enumeration, whose type the protocol knows by number alone.
    Text,
    /// Through `to_json`: how all other types look is PostgreSQL's to say.
    Json,
}

impl Sent {
    fn of(column: &Column) -> Self {
        if !column.labels.is_empty() {
            return Self::Text;
        }
        match column.base_type.as_str() {
            "boolean" | "smallint" | "integer" | "bigint" | "uuid" | "text" | "json" | "jsonb" => Self::Plain,
            length if length.starts_with("character varying") && !length.ends_with(']') => Self::Plain,
            _ => Self::Json,
        }
    }
}

impl Read {
    /// The columns this answers from rows with the columns `own`; `None` where they cannot be told, or where two have the
    /// same name.
    pub fn columns(&self, own: &[Column]) -> Option<Vec<ResultColumn>> {
        let whole = |column: &Column| ResultColumn { key: column.name.clone(), sent: Sent::of(column) };
        let mut columns = Vec::with_capacity(own.len());
        if self.select.is_empty() {
            columns.extend(own.iter().map(whole));
        }
        for item in &self.select {
            match item {
                Item::All => columns.extend(own.iter().map(whole)),
                Item::Field { field, cast, alias, aggregate: None } => {
                    let is_whole = field.path.is_empty() && cast.is_none();
                    let column = own.iter().find(|column| is_whole && column.name == field.column);
                    let key = alias.as_deref().unwrap_or(field.key()).to_owned();
                    columns.push(ResultColumn { key, sent: column.map_or(Sent::Json, Sent::of) });
                }
                Item::Embed(embed) if !embed.is_shown() => {}
                Item::Embed(embed) if !embed.spread => {
                    columns.push(ResultColumn { key: embed.key.clone(), sent: Sent::Plain });
                }
                Item::Embed(_) | Item::Field { .. } | Item::CountRows { .. } => return None,
            }
        }
        let mut keys = HashSet::with_capacity(columns.len());
        (!columns.is_empty() && columns.iter().all(|column| keys.insert(&column.key))).then_some(columns)
    }
}

impl Embed {
    /// `table()` selects nothing: it only filters or orders the parent.
    pub(super) fn is_shown(&self) -> bool {
        self.read.select.iter().any(|item| !matches!(item, Item::Embed(inner) if !inner.is_shown()))
    }
}

impl Field {
    /// The key that it has in the answer unless it is given another: the last name on its path.
    pub(super) fn key(&self) -> &str {
        let mut names = self.path.iter().rev().filter_map(|step| match &step.key {
            JsonKey::Name(name) => Some(name.as_str()),
            JsonKey::Index(_) => None,
        });
        names.next().unwrap_or(&self.column)
    }
}

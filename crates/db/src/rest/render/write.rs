//! Inserts, updates and deletes. They run in a `with` clause that returns the columns which the answer reads.

use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::condition::{self, Scope};
use super::read;
use super::sql::Sql;
use super::{CHANGED_BY_UPSERT, SENT, WRITTEN, wants_rows};
use crate::rest::catalogue::Name;
use crate::rest::plan::{
    Condition, Insert, Item, OrderBy, Output, Payload, Read, RelationshipKind, Resolution, TypedColumn,
};

/// Rows with other keys than the row before begin a statement of their own; beyond so many, order gives way.
const MOST_PARTS: usize = 32;
/// Each different set of keys is a statement to plan, and with a dozen columns there are thousands of sets.
const MOST_KINDS: usize = 256;

pub(super) fn insert(sql: &mut Sql, insert: &Insert, answer: &Answer) {
    let parts = parts(&insert.rows);
    if parts.len() > MOST_KINDS {
        sql.refuse(
            "22023",
            format!("the rows leave out columns in {} different ways; at most {MOST_KINDS} are read", parts.len()),
        );
        return;
    }
    let part_name = |n: usize| if parts.len() == 1 { WRITTEN.to_owned() } else { format!("\"#written {n}\"") };
    sql.push("with ");
    for (n, part) in parts.iter().enumerate() {
        sql.push(if n > 0 { ", " } else { "" }).push(&part_name(n)).push(" as (");
        insert_part(sql, insert, part, answer);
        sql.push(")");
    }
    if parts.len() > 1 {
        sql.push(", ").push(WRITTEN).push(" as (");
        sql.list(" union all ", 0..parts.len(), |sql, n| _ = sql.push("select * from ").push(&part_name(n)));
        sql.push(")");
    }
    answer.write_more(
        sql,
        true,
        |sql| written_rows(sql, &insert.table, &insert.returning, answer),
        |sql| _ = sql.push("count(*)"),
        |sql| {
            sql.push(", ");
            new_rows(sql, insert);
            sql.push(", ");
            location(sql, insert, answer);
        },
    );
}

pub(super) fn update(
    sql: &mut Sql,
    table: &Name,
    set: &Payload,
    filter: &[Condition],
    returning: &Read,
    answer: &Answer,
) {
    let alias = read::quoted(&table.name);
    sql.push("with ").push(WRITTEN).push(" as (");
    if set.columns.is_empty() {
        // Nothing to set: nothing changes, and the answer has no rows.
        sql.push("select ");
        returned_columns(sql, &alias, returning, &[], answer);
        sql.push(" from ").name(table).push(" where false)");
    } else {
        let sent = if set.missing_is_default { sent_columns(&set.json) } else { None };
        let is_sent =
            |column: &&TypedColumn| !column.has_default || sent.as_ref().is_none_or(|s| s.contains(&column.name));
        let from_sent: Vec<&TypedColumn> = set.columns.iter().filter(is_sent).collect();
        sql.push("update ").name(table).push(" set ");
        sql.list(", ", &set.columns, |sql, column| {
            sql.identifier(&column.name).push(" = ");
            if is_sent(&column) {
                sql.column(SENT, &column.name);
            } else {
                sql.push("default");
            }
        });
        if !from_sent.is_empty() {
            sql.push(" from ");
            first_sent(sql, set, &from_sent);
        }
        condition::where_all(sql, filter, Scope { alias: &alias, embeds: &read::embeds(returning), depth: 0 });
        sql.push(" returning ");
        returned_columns(sql, &alias, returning, &[], answer);
        sql.push(")");
    }
    written(sql, table, returning, answer);
}

pub(super) fn delete(sql: &mut Sql, table: &Name, filter: &[Condition], returning: &Read, answer: &Answer) {
    let alias = read::quoted(&table.name);
    sql.push("with ").push(WRITTEN).push(" as (delete from ").name(table);
    condition::where_all(sql, filter, Scope { alias: &alias, embeds: &read::embeds(returning), depth: 0 });
    sql.push(" returning ");
    returned_columns(sql, &alias, returning, &[], answer);
    sql.push(")");
    written(sql, table, returning, answer);
}

fn written(sql: &mut Sql, table: &Name, returning: &Read, answer: &Answer) {
    answer.write(sql, true, |sql| written_rows(sql, table, returning, answer), |sql| _ = sql.push("count(*)"));
}

/// Rows that have the same keys, so that one statement inserts them.
struct Part {
    columns: Vec<TypedColumn>,
    json: String,
    is_array: bool,
}

/// Which of the columns are sent, and the objects that send them.
type Run<'a> = (Vec<bool>, Vec<&'a RawValue>);

/// With `missing=default`, a key that a row leaves out must not be written, and `insert … select` cannot say so a row.
fn parts(rows: &Payload) -> Vec<Part> {
    let whole = || vec![Part { columns: rows.columns.clone(), json: rows.json.clone(), is_array: rows.is_array }];
    if !rows.missing_is_default || !rows.columns.iter().any(|column| column.has_default) {
        return whole();
    }
    let objects: Vec<&RawValue> = if rows.is_array {
        // What is no array of objects is left to the database to refuse.
        let Ok(objects) = serde_json::from_str(&rows.json) else { return whole() };
        objects
    } else {
        let Ok(object) = serde_json::from_str(&rows.json) else { return whole() };
        vec![object]
    };
    let mut runs: Vec<Run<'_>> = Vec::new();
    for object in objects {
        let Some(keys) = sent_columns(object.get()) else { return whole() };
        let sent: Vec<bool> = rows.columns.iter().map(|c| !c.has_default || keys.contains(&c.name)).collect();
        match runs.last_mut() {
            Some((same, objects)) if *same == sent => objects.push(object),
            _ => runs.push((sent, vec![object])),
        }
    }
    if runs.len() > MOST_PARTS {
        runs = grouped(runs);
    }
    if runs.is_empty() {
        return whole();
    }
    let part = |(sent, objects): Run<'_>| {
        let columns = rows.columns.iter().zip(sent).filter(|(_, sent)| *sent).map(|(column, _)| column.clone());
        let objects: Vec<&str> = objects.into_iter().map(RawValue::get).collect();
        let json = if rows.is_array { format!("[{}]", objects.join(",")) } else { objects.concat() };
        Part { columns: columns.collect(), json, is_array: rows.is_array }
    };
    runs.into_iter().map(part).collect()
}

/// All rows with the same keys together, in the order in which the keys first came.
fn grouped(runs: Vec<Run<'_>>) -> Vec<Run<'_>> {
    let mut places: HashMap<Vec<bool>, usize> = HashMap::new();
    let mut groups: Vec<Run<'_>> = Vec::new();
    for (sent, objects) in runs {
        let place = *places.entry(sent.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.extend(objects),
            None => groups.push((sent, objects)),
        }
    }
    groups
}

/// The keys of an object, or of the first object of an array.
fn sent_columns(json: &str) -> Option<Vec<String>> {
    let object = |json: &str| serde_json::from_str::<HashMap<String, IgnoredAny>>(json).ok();
    let keys = object(json).or_else(|| {
        let objects: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        object(objects.first()?.get())
    })?;
    Some(keys.into_keys().collect())
}

fn insert_part(sql: &mut Sql, insert: &Insert, part: &Part, answer: &Answer) {
    let Part { columns, json, is_array } = part;
    sql.push("insert into ").name(&insert.table);
    if columns.is_empty() && !is_array {
        sql.push(" default values");
    } else if columns.is_empty() {
        sql.push(" select from json_array_elements(").value(json.as_str()).push("::json)");
    } else {
        sql.push(" (").list(", ", columns, |sql, column| _ = sql.identifier(&column.name)).push(") select ");
        sql.list(", ", columns, |sql, column| _ = sql.column(SENT, &column.name)).push(" from ");
        record(sql, json, *is_array, columns);
        condition::where_all(sql, &insert.filter, Scope::plain(SENT));
    }
    if let Some(conflict) = insert.conflict.as_ref().filter(|conflict| !conflict.target.is_empty()) {
        sql.push(" on conflict (").list(", ", &conflict.target, |sql, column| _ = sql.identifier(column)).push(") do ");
        // Columns that this row leaves out go back to their defaults: `excluded` holds those too.
        let all = &insert.rows.columns;
        if conflict.resolution == Resolution::IgnoreDuplicates || all.is_empty() {
            sql.push("nothing");
        } else {
            sql.push("update set ").list(", ", all, |sql, TypedColumn { name, .. }| {
                sql.identifier(name).push(" = ").column("excluded", name);
            });
            // Counts, and holds always: that tells new rows from changed ones, on views and partitioned tables too.
            sql.push(" where set_config('plimsoll.changed_by_upsert', (coalesce(").push(CHANGED_BY_UPSERT);
            sql.push("::int8, 0) + 1)::text, true) is not null");
        }
    }
    sql.push(" returning ");
    let key = if answer.output == Output::Location { insert.primary_key.as_slice() } else { &[] };
    returned_columns(sql, &read::quoted(&insert.table.name), &insert.returning, key, answer);
}

/// JSON as rows with typed columns, known as [`SENT`].
fn record<'a>(sql: &mut Sql, json: &str, is_array: bool, columns: impl IntoIterator<Item = &'a TypedColumn>) {
    sql.push(if is_array { "json_to_recordset(" } else { "json_to_record(" });
    sql.value(json).push("::json) as ").push(SENT).push("(");
    sql.list(", ", columns, |sql, column| _ = sql.identifier(&column.name).push(" ").push(&column.type_name)).push(")");
}

/// An update takes one object: of several the first.
fn first_sent(sql: &mut Sql, set: &Payload, columns: &[&TypedColumn]) {
    if set.is_array {
        sql.push("(select * from ");
    }
    record(sql, &set.json, set.is_array, columns.iter().copied());
    if set.is_array {
        sql.push(" limit 1) as ").push(SENT);
    }
}

/// The rows that were written, with what is embedded in them.
fn written_rows(sql: &mut Sql, table: &Name, returning: &Read, answer: &Answer) {
    if !wants_rows(answer.output) {
        sql.push("select 1 from ").push(WRITTEN);
        return;
    }
    let (alias, embeds) = (read::quoted(&table.name), read::embeds(returning));
    let scope = Scope { alias: &alias, embeds: &embeds, depth: 0 };
    read::rows(sql, |sql| _ = sql.push(WRITTEN).push(" as ").push(&alias), returning, scope);
}

/// After `returning`: no column more than the answer needs, since each needs the right to be read.
fn returned_columns(sql: &mut Sql, alias: &str, returning: &Read, key: &[String], answer: &Answer) {
    let mut needed: Vec<&str> = key.iter().map(String::as_str).collect();
    if wants_rows(answer.output) {
        if returning.select.is_empty() || returning.select.iter().any(needs_whole_row) {
            sql.push(alias).push(".*");
            return;
        }
        for column in columns_of(returning) {
            if !needed.contains(&column) {
                needed.push(column);
            }
        }
    }
    if needed.is_empty() {
        sql.push("1");
    } else {
        sql.list(", ", needed, |sql, column| _ = sql.column(alias, column));
    }
}

/// Of a function of the row nobody knows which columns it reads.
fn needs_whole_row(item: &Item) -> bool {
    match item {
        Item::All => true,
        Item::Embed(embed) => matches!(embed.relationship.kind, RelationshipKind::Computed { .. }),
        Item::Field { .. } | Item::CountRows { .. } => false,
    }
}

/// Columns of its own rows that a read mentions, also to find what is embedded in them.
fn columns_of(read: &Read) -> impl Iterator<Item = &str> {
    let selected = read.select.iter().flat_map(|item| match item {
        Item::All | Item::CountRows { .. } => Vec::new(),
        Item::Field { field, .. } => vec![field.column.as_str()],
        Item::Embed(embed) => match &embed.relationship.kind {
            RelationshipKind::ToOne { on }
            | RelationshipKind::ToMany { on }
            | RelationshipKind::ManyToMany { near: on, .. } => on.iter().map(|(here, _)| here.as_str()).collect(),
            RelationshipKind::Computed { .. } => Vec::new(),
        },
    });
    let ordered = read.order.iter().filter_map(|term| match &term.by {
        OrderBy::Field(field) => Some(field.column.as_str()),
        OrderBy::Embedded { .. } => None,
    });
    let filtered = read.filter.iter().flat_map(columns_of_condition);
    selected.chain(ordered).chain(filtered)
}

fn columns_of_condition(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().flat_map(columns_of_condition).collect(),
        Condition::Not(part) => columns_of_condition(part),
        Condition::Compare { field, .. } => vec![field.column.as_str()],
        Condition::HasRows { .. } => Vec::new(),
    }
}

/// How many rows of an upsert were new. Read after the rows were written, since it stands beside an aggregate of them.
fn new_rows(sql: &mut Sql, insert: &Insert) {
    match &insert.conflict {
        Some(conflict) if conflict.resolution == Resolution::MergeDuplicates => {
            sql.push("count(*) - coalesce(").push(CHANGED_BY_UPSERT).push("::int8, 0)");
        }
        _ => _ = sql.push("null::int8"),
    }
}

/// The primary key of the one row, as JSON.
fn location(sql: &mut Sql, insert: &Insert, answer: &Answer) {
    if answer.output != Output::Location || insert.primary_key.is_empty() {
        sql.push("null::text");
        return;
    }
    sql.push("case when count(*) = 1 then (select json_build_array(");
    sql.list(", ", &insert.primary_key, |sql, column| {
        sql.push("to_json(").column(WRITTEN, column).push(") #>> '{}'");
    });
    sql.push(")::text from ").push(WRITTEN).push(" limit 1) end");
}

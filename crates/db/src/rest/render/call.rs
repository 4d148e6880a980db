//! Calls of functions.

use super::answer::{Answer, SCALAR};
use super::condition::Scope;
use super::sql::{Sql, Value};
use super::{condition, read};
use crate::rest::catalogue::{Argument, Shape};
use crate::rest::plan::{Arguments, Call, Count, Read};

/// Arguments that were sent as JSON, as one row.
const ARGUMENTS: &str = "\"#arguments\"";
/// What the call answered, where it is read more than once.
const CALLED: &str = "\"#called\"";

pub(super) fn answer(sql: &mut Sql, call: &Call, count: Option<Count>, answer: &Answer) {
    let (alias, embeds) = (read::quoted(&call.function.name.name), read::embeds(&call.read));
    let is_row = matches!(call.function.result.shape, Shape::Row { .. });
    let scope = Scope { alias: &alias, embeds: if is_row { &embeds } else { &[] }, depth: 0 };
    let whole = call.read.limit.is_none() && call.read.offset == 0;
    // The planner cannot guess what a function answers, so an estimate is an exact count and a plan is none.
    let counted = matches!(count, Some(Count::Exact | Count::Estimated));
    let twice = counted && !whole;
    let plain = Read { select: Vec::new(), ..call.read.clone() };
    let read = if is_row { &call.read } else { &plain };
    let called = |sql: &mut Sql| _ = sql.push(CALLED).push(" as ").push(&alias);
    if twice {
        sql.push("with ").push(CALLED).push(" as materialized (");
        if is_row {
            sql.push("select ").push(&alias).push(".* from ");
            from_call(sql, call, &alias);
        } else {
            select_value(sql, call);
        }
        sql.push(")");
    }
    answer.write(
        sql,
        twice,
        |sql| {
            if twice {
                read::rows(sql, called, read, scope);
            } else if is_row {
                read::rows(sql, |sql| from_call(sql, call, &alias), read, scope);
            } else if whole && read.filter.is_empty() && read.order.is_empty() {
                select_value(sql, call);
            } else {
                let source = |sql: &mut Sql| {
                    sql.push("(");
                    select_value(sql, call);
                    sql.push(") as ").push(&alias);
                };
                read::rows(sql, source, read, scope);
            }
        },
        |sql| {
            if twice {
                read::count(sql, called, read, scope, None);
            } else {
                sql.push(if counted { "count(*)" } else { "null::int8" });
            }
        },
    );
}

/// A `select` of the rows alone, of a function that answers rows.
pub(super) fn plain(sql: &mut Sql, call: &Call) {
    let (alias, embeds) = (read::quoted(&call.function.name.name), read::embeds(&call.read));
    let scope = Scope { alias: &alias, embeds: &embeds, depth: 0 };
    read::rows(sql, |sql| from_call(sql, call, &alias), &call.read, scope);
}

/// What follows `from`: the arguments' row, and the function's rows as `alias`.
fn from_call(sql: &mut Sql, call: &Call, alias: &str) {
    if arguments_row(sql, call) {
        sql.push(" cross join lateral ");
    }
    invoke(sql, call);
    sql.push(" as ").push(alias);
}

/// A `select` of the value, or of each value of a set.
fn select_value(sql: &mut Sql, call: &Call) {
    sql.push("select ");
    invoke(sql, call);
    sql.push(" as ").push(SCALAR);
    if let Arguments::Json { names, .. } = &call.arguments
        && !names.is_empty()
    {
        sql.push(" from ");
        arguments_row(sql, call);
    }
}

/// JSON arguments as a row with their types; says whether there are any.
fn arguments_row(sql: &mut Sql, call: &Call) -> bool {
    let Arguments::Json { json, names } = &call.arguments else { return false };
    if names.is_empty() {
        return false;
    }
    let given: Vec<&Argument> = call.function.arguments.iter().filter(|a| names.contains(&a.name)).collect();
    // Of several objects the first is taken.
    let is_array = json.trim_start().starts_with('[');
    sql.push(if is_array { "(select * from json_to_recordset(" } else { "json_to_record(" });
    sql.value(json.as_str()).push("::json) as ").push(ARGUMENTS).push("(");
    sql.list(", ", given, |sql, argument| {
        sql.identifier(&argument.name).push(" ").push(&argument.type_name);
    });
    sql.push(")");
    if is_array {
        sql.push(" limit 1) as ").push(ARGUMENTS);
    }
    true
}

/// `schema.function(name => value)`
fn invoke(sql: &mut Sql, call: &Call) {
    let arguments = &call.function.arguments;
    sql.name(&call.function.name).push("(");
    match &call.arguments {
        Arguments::None => {}
        Arguments::Json { names, .. } => {
            let given = arguments.iter().filter(|argument| names.contains(&argument.name));
            sql.list(", ", given, |sql, argument| {
                named(sql, argument).column(ARGUMENTS, &argument.name);
            });
        }
        Arguments::Text(values) => {
            let given = arguments.iter().filter_map(|argument| {
                let (_, values) = values.iter().find(|(name, _)| *name == argument.name)?;
                Some((argument, values))
            });
            sql.list(", ", given, |sql, (argument, values)| {
                named(sql, argument);
                text_value(sql, argument, values);
            });
        }
        Arguments::Body(body) => {
            let type_name = arguments.first().map_or("json", |argument| argument.type_name.as_str());
            if type_name == "bytea" {
                sql.parameter(Value::Bytea(body.clone()));
            } else {
                sql.value(body.as_slice()).push("::").push(type_name);
            }
        }
    }
    sql.push(")");
}

fn named<'a>(sql: &'a mut Sql, argument: &Argument) -> &'a mut Sql {
    sql.push(if argument.variadic { "variadic " } else { "" }).identifier(&argument.name).push(" => ")
}

/// Of several values for one argument the last counts, unless it is variadic. Each is read as its type reads text, so
/// `arg={"a":1}` is an object where JSON is wanted.
fn text_value(sql: &mut Sql, argument: &Argument, values: &[String]) {
    let last = || values.last().map(String::as_str).unwrap_or_default();
    match argument.type_name.as_str() {
        _ if argument.variadic => sql.value(condition::elements(values)).push("::").push(&argument.type_name),
        type_name => sql.value(last()).push("::").push(type_name),
    };
}

//! The one row that every statement answers: how many rows there are, the body, and what functions set.

use super::sql::Sql;
use super::{ANSWER, RESPONSE, wants_rows};
use crate::rest::catalogue::Shape;
use crate::rest::plan::{Action, Output, Statement};

/// What PostgREST's clients see as the one column of a function's plain values, in CSV.
pub(super) const SCALAR: &str = "pgrst_scalar";

/// How rows become a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub(super) output: Output,
    /// Rows have one column, [`SCALAR`], whose value stands for the row.
    scalar: bool,
    /// There is at most one row, and it is the body without an array around it.
    alone: bool,
    void: bool,
}

impl Answer {
    pub(super) fn new(statement: &Statement) -> Self {
        let output = statement.output;
        match &statement.action {
            Action::Call(call) => {
                let result = &call.function.result;
                Self {
                    output,
                    scalar: !matches!(result.shape, Shape::Row { .. }),
                    alone: !result.set,
                    void: matches!(result.shape, Shape::Void),
                }
            }
            _ => Self { output, scalar: false, alone: false, void: false },
        }
    }

    /// Writes the whole statement, or what follows the `with` clause that `with_is_open`.
    pub(super) fn write(
        &self,
        sql: &mut Sql,
        with_is_open: bool,
        rows: impl FnOnce(&mut Sql),
        total: impl FnOnce(&mut Sql),
    ) {
        self.write_more(sql, with_is_open, rows, total, |_| {});
    }

    /// [`Answer::write`] with columns of its own at the end, each after a comma.
    pub(super) fn write_more(
        &self,
        sql: &mut Sql,
        with_is_open: bool,
        rows: impl FnOnce(&mut Sql),
        total: impl FnOnce(&mut Sql),
        more: impl FnOnce(&mut Sql),
    ) {
        // The header of CSV reads the rows a second time.
        let twice = self.output == Output::Csv;
        let mut rows = Some(rows);
        if twice && let Some(rows) = rows.take() {
            sql.push(if with_is_open { ", \"#rows\" as (" } else { "with \"#rows\" as (" });
            rows(sql);
            sql.push(") ");
        } else if with_is_open {
            sql.push(" ");
        }
        sql.push("select ");
        self.row_count(sql);
        sql.push(", ");
        self.body(sql);
        sql.push(", ");
        total(sql);
        sql.push(", ").push(RESPONSE);
        more(sql);
        sql.push(" from ");
        match rows {
            None => _ = sql.push("\"#rows\""),
            Some(rows) => {
                sql.push("(");
                rows(sql);
                sql.push(")");
            }
        }
        sql.push(" ").push(ANSWER);
    }

    fn row_count(&self, sql: &mut Sql) {
        if self.scalar && self.alone {
            // The value is mentioned, or else the planner may leave out the call.
            sql.push("greatest(count(").column(ANSWER, SCALAR).push("), 1)");
        } else {
            sql.push("count(*)");
        }
    }

    fn body(&self, sql: &mut Sql) {
        if self.void || !wants_rows(self.output) {
            sql.push("null::text");
            return;
        }
        if self.output == Output::Csv {
            sql.push(
                "coalesce((select string_agg(k, ',') from (select json_object_keys(row_to_json(r.*)) as k \
                 from (select * from \"#rows\" limit 1) r) keys), '') || E'\\n' || coalesce(string_agg(substring((",
            );
            sql.push(ANSWER).push(".*)::text from 2 for length((").push(ANSWER).push(".*)::text) - 2), E'\\n'), '')");
            return;
        }
        let without_nulls = matches!(self.output, Output::JsonWithoutNulls | Output::ObjectWithoutNulls);
        let alone = self.alone || matches!(self.output, Output::Object | Output::ObjectWithoutNulls);
        let strip = |sql: &mut Sql, value: &dyn Fn(&mut Sql)| {
            sql.push(if without_nulls { "json_strip_nulls(" } else { "" });
            value(sql);
            sql.push(if without_nulls { ")" } else { "" });
        };
        sql.push("coalesce((");
        if alone {
            strip(sql, &|sql| {
                sql.push("(array_agg(to_json(");
                self.value(sql);
                sql.push(")))[1]");
            });
            sql.push(")::text, 'null')");
        } else {
            strip(sql, &|sql| {
                sql.push("json_agg(");
                self.value(sql);
                sql.push(")");
            });
            sql.push(")::text, '[]')");
        }
    }

    fn value(&self, sql: &mut Sql) {
        if self.scalar {
            sql.column(ANSWER, SCALAR);
        } else {
            sql.push(ANSWER).push(".*");
        }
    }
}

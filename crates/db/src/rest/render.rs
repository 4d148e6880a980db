//! Turns a [`Statement`] into SQL. What a client wrote becomes a parameter or a quoted identifier, never SQL.
//!
//! A parameter has no declared type: PostgreSQL finds it from the place where it stands, so a value that does not fit is
//! refused there with the code and words that PostgREST's clients know.

mod answer;
mod call;
mod condition;
mod read;
mod sql;
mod write;

use super::RestError;
use super::plan::{Action, Count, Output, Statement};
use answer::Answer;
use sql::Sql;

/// Aliases nobody gives a table or column by chance: rows of the answer, rows that were written, rows that were sent.
const ANSWER: &str = "\"#\"";
const WRITTEN: &str = "\"#written\"";
const SENT: &str = "\"#sent\"";

/// A setting of the transaction that counts the rows which an upsert found and changed.
const CHANGED_BY_UPSERT: &str = "nullif(current_setting('plimsoll.changed_by_upsert', true), '')";

/// With [`Count::Estimated`], more rows than this are not counted.
pub(super) const COUNTED_AT_MOST: i64 = 1000;

/// More parameters do not fit into the protocol.
const MOST_PARAMETERS: usize = u16::MAX as usize;

/// Statements to run one after the other in the same transaction.
pub(super) struct Rendered {
    /// Answers one row with the columns of [`column`].
    pub(super) main: Sql,
    /// `explain (format json)` of the rows without limit, for a count by the planner.
    pub(super) explain: Option<Sql>,
}

/// Where in the row of [`Rendered::main`] what stands.
pub(super) mod column {
    pub(in crate::rest) const ROWS: usize = 0;
    pub(in crate::rest) const BODY: usize = 1;
    pub(in crate::rest) const TOTAL: usize = 2;
    pub(in crate::rest) const STATUS: usize = 3;
    pub(in crate::rest) const HEADERS: usize = 4;
    /// Only of an insert: rows that were new, and the primary key's values.
    pub(in crate::rest) const INSERTED: usize = 5;
    pub(in crate::rest) const LOCATION: usize = 6;
}

pub(super) fn render(statement: &Statement) -> Result<Rendered, RestError> {
    let mut main = Sql::default();
    let mut explain = None;
    let answer = Answer::new(statement);
    match &statement.action {
        Action::Read { from, read } => {
            read::answer(&mut main, from, read, statement.count, &answer);
            if matches!(statement.count, Some(Count::Planned | Count::Estimated)) {
                let mut sql = Sql::default();
                sql.push("explain (format json) ");
                read::matching_rows(&mut sql, from, read);
                explain = Some(sql);
            }
        }
        Action::Insert(insert) => write::insert(&mut main, insert, &answer),
        Action::Update { table, set, filter, returning } => {
            write::update(&mut main, table, set, filter, returning, &answer);
        }
        Action::Delete { table, filter, returning } => write::delete(&mut main, table, filter, returning, &answer),
        Action::Call(call) => call::answer(&mut main, call, statement.count, &answer),
    }
    for sql in [Some(&main), explain.as_ref()].into_iter().flatten() {
        if let Some(reason) = sql.refused() {
            return Err(reason);
        }
    }
    Ok(Rendered { main, explain })
}

/// Whether rows are to be sent back.
fn wants_rows(output: Output) -> bool {
    !matches!(output, Output::Nothing | Output::Location)
}

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
use super::columns::{ResultColumn, Sent};
use super::plan::{Action, Checks, Count, Output, Statement};
use super::rows::Keys;
use answer::Answer;
pub(super) use sql::Sql;

/// Aliases nobody gives a table or column by chance: rows of the answer, rows that were written.
const ANSWER: &str = "\"#\"";
const WRITTEN: &str = "\"#written\"";
/// Rows that were sent. PostgreSQL's messages show it, so it is called as PostgREST's clients know it.
const SENT: &str = "pgrst_body";

/// What functions set for the answer.
pub(super) const RESPONSE: &str =
    "nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '')";

/// A setting of the transaction that counts the rows which an upsert found and changed.
const CHANGED_BY_UPSERT: &str = "nullif(current_setting('plimsoll.changed_by_upsert', true), '')";

/// With [`Count::Estimated`], more rows than this are not counted.
pub(super) const COUNTED_AT_MOST: i64 = 1000;

/// More parameters do not fit into the protocol.
const MOST_PARAMETERS: usize = u16::MAX as usize;

/// Statements to run one after the other in the same transaction.
pub(super) struct Rendered {
    /// Answers one row with the columns of [`column`] or, where there are `keys`, the rows themselves.
    pub(super) main: Sql,
    pub(super) keys: Option<Keys>,
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
    let plain = plain(statement);
    match (&statement.action, plain) {
        (Action::Read { from, read }, Some(columns)) => select(&mut main, columns, |sql| read::plain(sql, from, read)),
        (Action::Call(call), Some(columns)) => select(&mut main, columns, |sql| call::plain(sql, call)),
        (Action::Read { from, read }, None) => {
            read::answer(&mut main, from, read, statement.count, &answer);
            if matches!(statement.count, Some(Count::Planned | Count::Estimated)) {
                let mut sql = Sql::default();
                sql.push("explain (format json) ");
                read::matching_rows(&mut sql, from, read);
                explain = Some(sql);
            }
        }
        (Action::Insert(insert), _) => write::insert(&mut main, insert, &answer),
        (Action::Update { table, set, filter, returning }, _) => {
            write::update(&mut main, table, set, filter, returning, &answer);
        }
        (Action::Delete { table, filter, returning }, _) => write::delete(&mut main, table, filter, returning, &answer),
        (Action::Call(call), None) => call::answer(&mut main, call, statement.count, &answer),
    }
    let keys = plain.map(Keys::new);
    for sql in [Some(&main), explain.as_ref()].into_iter().flatten() {
        if let Some(reason) = sql.refused() {
            return Err(reason);
        }
    }
    Ok(Rendered { main, keys, explain })
}

/// The columns of rows that are answered as they are: a plain array of them, and nothing besides that PostgreSQL would have
/// to say in the same breath. Nothing may be changed, for a row that cannot be read here is seen after the commit.
fn plain(statement: &Statement) -> Option<&[ResultColumn]> {
    let (read, is_many) = match &statement.action {
        Action::Read { read, .. } => (read, true),
        Action::Call(call) => (&call.read, call.function.result.set),
        _ => return None,
    };
    let is_whole = read.limit.is_none() && read.offset == 0;
    let is_counted = match statement.count {
        None => true,
        Some(Count::Exact) => is_whole,
        Some(Count::Planned | Count::Estimated) => false,
    };
    let is_array = is_many && statement.output == Output::Json;
    let is_plain = is_array && is_counted && statement.read_only && statement.checks == Checks::default();
    statement.columns.as_deref().filter(|_| is_plain)
}

/// `columns` of `rows`, each as it is to be sent.
fn select(sql: &mut Sql, columns: &[ResultColumn], rows: impl FnOnce(&mut Sql)) {
    sql.push("select ");
    sql.list(", ", columns, |sql, ResultColumn { key, sent }| {
        match sent {
            Sent::Plain => sql.column(ANSWER, key),
            Sent::Text => sql.column(ANSWER, key).push("::text"),
            Sent::Json => sql.push("to_json(").column(ANSWER, key).push(")"),
        };
    });
    sql.push(" from (");
    rows(sql);
    sql.push(") ").push(ANSWER);
}

/// Whether rows are to be sent back.
fn wants_rows(output: Output) -> bool {
    !matches!(output, Output::Nothing | Output::Location)
}

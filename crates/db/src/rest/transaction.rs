//! One transaction on a connection of the pool: begin, settings, statements and commit in as few trips as they can take.

use std::borrow::Cow;
use std::result::Result;
use std::sync::LazyLock;

use deadpool_postgres::Object;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, SimpleQueryMessage};

use super::plan::Checks;
use super::render::{RESPONSE, Rendered, Sql, column};
use super::rows::Keys;
use super::run::{RestError, Session, check};
use crate::Actor;
use crate::pool::LIMIT_TIME;

/// After rows that are answered as they are: what functions set for the answer, and the end, in one message.
static RESPONSE_AND_COMMIT: LazyLock<String> = LazyLock::new(|| format!("select {RESPONSE}; commit"));

/// Only words of ours, so it always begins a transaction with that role, whatever else is wrong with a request.
pub(super) fn begin(actor: &Actor, read_only: bool) -> String {
    format!("begin{}; set local role {}", if read_only { " read only" } else { "" }, actor.role())
}

/// The statement that makes the request's settings, with every value a parameter. One column answers for all: each setting
/// would come back as long as it was sent.
pub(super) struct Settings<'a> {
    sql: String,
    values: Vec<Cow<'a, str>>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(session: &Session<'a>, claims: &'a str, is_limited: bool) -> Self {
        let path = format!("\"{}\", \"public\", \"extensions\"", session.schema.replace('"', "\"\""));
        let named = [
            ("search_path", Some(path.into())),
            ("request.jwt.claims", Some(claims.into())),
            ("request.method", Some(session.method.into())),
            ("request.path", Some(session.path.into())),
            ("request.headers", Some(session.headers.into())),
            ("request.cookies", Some(session.cookies.into())),
            // What a function set for its whole session is not the answer to another request.
            ("response.status", Some("".into())),
            ("response.headers", Some("".into())),
            ("timezone", session.time_zone.map(Into::into)),
        ];
        let (mut sql, mut values) = (String::from("select"), Vec::with_capacity(named.len()));
        for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            values.push(value);
            let and = if values.len() == 1 { "" } else { " ||" };
            sql.push_str(&format!("{and} set_config('{name}', ${}, true)", values.len()));
        }
        if is_limited {
            sql.push_str(" || ");
            sql.push_str(LIMIT_TIME);
        }
        sql.push_str(" is null");
        Self { sql, values }
    }

    pub(super) fn into_owned(self) -> Settings<'static> {
        Settings { sql: self.sql, values: self.values.into_iter().map(|value| value.into_owned().into()).collect() }
    }

    fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect()
    }
}

/// A connection on which a transaction runs. It goes back to the pool when nothing runs on it any more, and with no
/// transaction open, whenever it is let go of.
pub(super) struct Transaction {
    client: Option<Object>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything queued was answered, and no transaction is open.
    Resting,
    /// The end of the transaction is queued.
    Ending,
    /// The end is not queued yet.
    Open,
}

/// What the statements of a transaction answered.
pub(super) enum Answered {
    /// The row of [`column`], and the planner's guess where it was asked for.
    Whole { row: Row, explained: Option<Row> },
    /// The rows as JSON, and what functions set for the answer.
    Rows { body: String, rows: i64, status: Option<String>, headers: Option<String> },
}

impl Answered {
    pub(super) fn rows(&self) -> Result<i64, RestError> {
        match self {
            Self::Whole { row, .. } => Ok(row.try_get(column::ROWS)?),
            Self::Rows { rows, .. } => Ok(*rows),
        }
    }
}

impl Transaction {
    pub(super) const fn new(client: Object) -> Self {
        Self { client: Some(client), state: State::Resting }
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("only dropping takes it")
    }

    /// Begin, settings, statements and commit, all queued before the first answer is awaited: they take one round trip,
    /// and are all done even if the caller goes away.
    pub(super) async fn run(
        &mut self,
        begin: &str,
        settings: &Settings<'_>,
        rendered: &Rendered,
    ) -> Result<Answered, RestError> {
        if let Some(keys) = &rendered.keys {
            return self.run_rows(begin, settings, &rendered.main, keys).await;
        }
        self.state = State::Ending;
        // After an error, `commit` rolls back.
        let (answered, ended) =
            futures::join!(self.queue(begin, settings, rendered), self.client().batch_execute("commit"));
        self.state = State::Resting;
        let answered = answered?;
        ended?;
        Ok(answered)
    }

    /// The same for rows that are answered as they are. After an error the commit is not reached, and letting go of the
    /// connection rolls back.
    async fn run_rows(
        &mut self,
        begin: &str,
        settings: &Settings<'_>,
        main: &Sql,
        keys: &Keys,
    ) -> Result<Answered, RestError> {
        self.state = State::Open;
        let client = self.client();
        let (setting, parameters) = (settings.parameters(), main.parameters());
        let rows = async {
            let rows = client.query_typed_raw(&main.text, parameters).await?;
            keys.array(rows).await
        };
        let (begun, set, rows, ended) = futures::join!(
            client.batch_execute(begin),
            client.query_typed(&settings.sql, &setting),
            rows,
            client.simple_query(&RESPONSE_AND_COMMIT),
        );
        if ended.is_ok() {
            self.state = State::Resting;
        }
        // The first that failed says why; those after it only that the transaction is aborted.
        begun?;
        set?;
        let (body, rows) = rows?;
        let ended = ended?;
        let response = ended.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let said = |at| response.and_then(|row| row.get(at)).map(str::to_owned);
        Ok(Answered::Rows { body, rows, status: said(0), headers: said(1) })
    }

    /// The same in two trips: the transaction is ended as `checks` say.
    pub(super) async fn run_and_check(
        &mut self,
        begin: &str,
        settings: &Settings<'_>,
        rendered: &Rendered,
        checks: Checks,
    ) -> Result<Answered, RestError> {
        self.state = State::Open;
        let answered = self.queue(begin, settings, rendered).await;
        let answered = answered.and_then(|answered| check(checks, answered.rows()?).map(|()| answered));
        self.state = State::Ending;
        let ended = self.client().batch_execute(if answered.is_ok() { "commit" } else { "rollback" }).await;
        self.state = State::Resting;
        let answered = answered?;
        ended?;
        Ok(answered)
    }

    /// Queues everything on its first poll.
    async fn queue(&self, begin: &str, settings: &Settings<'_>, rendered: &Rendered) -> Result<Answered, RestError> {
        let client = self.client();
        let setting = settings.parameters();
        let (begun, set, answered) = futures::join!(
            client.batch_execute(begin),
            client.query_typed(&settings.sql, &setting),
            self.answer(rendered),
        );
        // The first that failed says why; those after it only that the transaction is aborted.
        begun?;
        set?;
        answered
    }

    async fn answer(&self, rendered: &Rendered) -> Result<Answered, RestError> {
        let client = self.client();
        let main = rendered.main.parameters();
        let explain = async {
            let Some(sql) = &rendered.explain else { return Ok(None) };
            client.query_typed(&sql.text, &sql.parameters()).await.map(|rows| rows.into_iter().next())
        };
        let (row, explained) = futures::join!(client.query_typed(&rendered.main.text, &main), explain);
        let row = row?.into_iter().next().ok_or_else(|| RestError::Unavailable("no answer".into()))?;
        Ok(Answered::Whole { row, explained: explained? })
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let (Some(client), true) = (self.client.take(), self.state != State::Resting) else { return };
        // Others must not wait behind what still runs, so the pool has it back when that is done.
        let last = if self.state == State::Open { "rollback" } else { "" };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { client.batch_execute(last).await })),
            Err(_) => drop(Object::take(client)),
        }
    }
}

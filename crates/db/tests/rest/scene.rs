//! A small shop with every shape of relation and function, and short words for statements about it.

use plimsoll_db::rest::catalogue::{Catalogue, Function, Name, Shape};
use plimsoll_db::rest::plan::{
    Action, Arguments, Call, Checks, Condition, Conflict, Count, Embed, Field, Insert, Item, JsonKey, JsonStep,
    Operator, OrderBy, OrderTerm, Output, Payload, Read, Relationship, RelationshipKind, Statement, Test, TypedColumn,
};
use plimsoll_db::rest::{Outcome, RestError, Session};
use plimsoll_db::{Actor, Db};
use plimsoll_testkit::TestDb;
use serde_json::Value;
use tokio_postgres::Client;

pub(crate) struct Scene {
    pub(crate) test: TestDb,
    pub(crate) db: Db,
    pub(crate) client: Client,
    pub(crate) catalogue: Catalogue,
}

pub(crate) const SESSION: Session<'static> =
    Session { schema: "shop", method: "GET", path: "/x", headers: "{}", cookies: "{}", time_zone: None };

impl Scene {
    pub(crate) async fn new() -> Self {
        let test = TestDb::new().await;
        let client = test.client().await;
        client.batch_execute(include_str!("fixture.sql")).await.unwrap();
        let db = Db::open(test.url(), 4).unwrap();
        let catalogue = db.rest_catalogue(&["shop".to_owned()]).await.unwrap();
        Self { test, db, client, catalogue }
    }

    pub(crate) async fn try_run(&self, statement: impl Into<Statement>) -> Result<Outcome, RestError> {
        self.db.run_rest(&Actor::Service, &SESSION, &statement.into()).await
    }

    pub(crate) async fn run(&self, statement: impl Into<Statement>) -> Outcome {
        self.try_run(statement).await.unwrap()
    }

    /// The body as text.
    pub(crate) async fn text(&self, statement: impl Into<Statement>) -> String {
        self.run(statement).await.body.unwrap()
    }

    /// The body as JSON.
    pub(crate) async fn json(&self, statement: impl Into<Statement>) -> Value {
        serde_json::from_str(&self.text(statement).await).unwrap()
    }

    /// The SQLSTATE and message with which the database refuses it.
    pub(crate) async fn refusal(&self, statement: impl Into<Statement>) -> (String, String) {
        match self.try_run(statement).await {
            Err(RestError::Database { code, message, .. }) => (code, message),
            other => panic!("not refused by the database: {other:?}"),
        }
    }

    /// The only function of that name and so many arguments.
    pub(crate) fn function(&self, name: &str, arguments: usize) -> Function {
        let all = &self.catalogue.functions[&relation(name)];
        all.iter().find(|function| function.arguments.len() == arguments).unwrap().clone()
    }

    pub(crate) fn call(&self, name: &str, arguments: Arguments) -> Ask {
        let all = &self.catalogue.functions[&relation(name)];
        assert_eq!(all.len(), 1, "{name} is overloaded");
        call(all[0].clone(), arguments)
    }

    /// The same, with what the catalogue knows of its columns: its rows are then written as JSON here.
    pub(crate) fn plain(&self, mut ask: Ask) -> Ask {
        let columns = match &ask.0.action {
            Action::Read { from, read } => read.columns(&self.catalogue.relations[from].columns),
            Action::Call(call) => match &call.function.result.shape {
                Shape::Row { columns, .. } => call.read.columns(columns),
                _ => None,
            },
            _ => None,
        };
        ask.0.columns = columns;
        ask
    }

    /// One value of a query, as text.
    pub(crate) async fn value(&self, sql: &str) -> String {
        self.client.query_one(&format!("select ({sql})::text"), &[]).await.unwrap().get(0)
    }
}

pub(crate) fn relation(name: &str) -> Name {
    Name { schema: "shop".into(), name: name.into() }
}

/// A statement with its read at hand.
#[derive(Debug, Clone)]
pub(crate) struct Ask(pub(crate) Statement);

impl From<Ask> for Statement {
    fn from(ask: Ask) -> Self {
        ask.0
    }
}

fn ask(action: Action, read_only: bool) -> Ask {
    Ask(Statement { action, output: Output::Json, count: None, read_only, checks: Checks::default(), columns: None })
}

pub(crate) fn read(table: &str) -> Ask {
    ask(Action::Read { from: relation(table), read: Read { select: vec![Item::All], ..Read::default() } }, true)
}

pub(crate) fn call(function: Function, arguments: Arguments) -> Ask {
    ask(Action::Call(Call { function, arguments, read: Read { select: vec![Item::All], ..Read::default() } }), false)
}

pub(crate) fn insert(table: &str, columns: &[(&str, &str)], json: &str) -> Ask {
    let (table, rows) = (relation(table), payload(columns, json));
    let returning = Read { select: vec![Item::All], ..Read::default() };
    ask(
        Action::Insert(Insert {
            table,
            rows,
            conflict: None,
            filter: vec![],
            returning,
            primary_key: vec!["id".into()],
        }),
        false,
    )
}

pub(crate) fn update(table: &str, columns: &[(&str, &str)], json: &str, filter: Vec<Condition>) -> Ask {
    let returning = Read { select: vec![Item::All], ..Read::default() };
    ask(Action::Update { table: relation(table), set: payload(columns, json), filter, returning }, false)
}

pub(crate) fn delete(table: &str, filter: Vec<Condition>) -> Ask {
    let returning = Read { select: vec![Item::All], ..Read::default() };
    ask(Action::Delete { table: relation(table), filter, returning }, false)
}

/// Columns whose type ends in `=` have a default.
fn payload(columns: &[(&str, &str)], json: &str) -> Payload {
    let column = |(name, ty): &(&str, &str)| TypedColumn {
        name: (*name).to_owned(),
        type_name: ty.trim_end_matches('=').to_owned(),
        has_default: ty.ends_with('='),
    };
    Payload {
        columns: columns.iter().map(column).collect(),
        json: json.to_owned(),
        is_array: json.starts_with('['),
        missing_is_default: false,
    }
}

impl Ask {
    pub(crate) fn read(&mut self) -> &mut Read {
        match &mut self.0.action {
            Action::Read { read, .. } => read,
            Action::Insert(insert) => &mut insert.returning,
            Action::Update { returning, .. } | Action::Delete { returning, .. } => returning,
            Action::Call(call) => &mut call.read,
        }
    }

    pub(crate) fn payload(&mut self) -> &mut Payload {
        match &mut self.0.action {
            Action::Insert(insert) => &mut insert.rows,
            Action::Update { set, .. } => set,
            _ => panic!("nothing is sent"),
        }
    }

    pub(crate) fn missing_is_default(mut self) -> Self {
        self.payload().missing_is_default = true;
        self
    }

    pub(crate) fn conflict(mut self, conflict: Conflict) -> Self {
        let Action::Insert(insert) = &mut self.0.action else { panic!("no insert") };
        insert.conflict = Some(conflict);
        self
    }

    pub(crate) fn select(self, columns: &[&str]) -> Self {
        self.items(columns.iter().map(|name| item(name)).collect())
    }

    pub(crate) fn items(mut self, items: Vec<Item>) -> Self {
        self.read().select = items;
        self
    }

    pub(crate) fn filter(mut self, condition: Condition) -> Self {
        self.read().filter.push(condition);
        self
    }

    pub(crate) fn order(mut self, term: OrderTerm) -> Self {
        self.read().order.push(term);
        self
    }

    pub(crate) fn limit(mut self, limit: i64, offset: i64) -> Self {
        (self.read().limit, self.read().offset) = (Some(limit), offset);
        self
    }

    pub(crate) fn count(mut self, count: Count) -> Self {
        self.0.count = Some(count);
        self
    }

    pub(crate) fn output(mut self, output: Output) -> Self {
        self.0.output = output;
        self
    }

    pub(crate) fn singular(mut self) -> Self {
        self.0.checks.singular = true;
        self
    }

    pub(crate) fn at_most(mut self, rows: i64) -> Self {
        self.0.checks.max_affected = Some(rows);
        self
    }
}

/// `column`, `column->key->>key`, `column->0`; `to_jsonb(column)` where the column is no JSON.
pub(crate) fn field(text: &str) -> Field {
    let needs_to_jsonb = text.starts_with("to_jsonb:");
    let text = text.trim_start_matches("to_jsonb:");
    let mut parts = text.split("->");
    let column = parts.next().unwrap().to_owned();
    let step = |part: &str| {
        let (as_text, key) = part.strip_prefix('>').map_or((false, part), |key| (true, key));
        let key = key.parse().map_or_else(|_| JsonKey::Name(key.to_owned()), JsonKey::Index);
        JsonStep { key, as_text }
    };
    Field { column, path: parts.map(step).collect(), needs_to_jsonb }
}

pub(crate) fn item(name: &str) -> Item {
    if name == "*" {
        return Item::All;
    }
    Item::Field { field: field(name), cast: None, alias: None, aggregate: None }
}

pub(crate) fn cast(name: &str, cast: &str) -> Item {
    Item::Field { field: field(name), cast: Some(cast.to_owned()), alias: None, aggregate: None }
}

pub(crate) fn alias(name: &str, alias: &str) -> Item {
    Item::Field { field: field(name), cast: None, alias: Some(alias.to_owned()), aggregate: None }
}

pub(crate) fn test(name: &str, test: Test) -> Condition {
    Condition::Compare { field: field(name), test }
}

pub(crate) fn op(name: &str, operator: Operator, value: &str) -> Condition {
    test(name, Test::Operator { operator, value: value.to_owned() })
}

pub(crate) fn eq(name: &str, value: &str) -> Condition {
    op(name, Operator::Eq, value)
}

pub(crate) fn asc(name: &str) -> OrderTerm {
    OrderTerm { by: OrderBy::Field(field(name)), descending: None, nulls_first: None }
}

pub(crate) fn to_one(id: usize, target: &str, on: &[(&str, &str)], columns: &[&str]) -> Embed {
    embed(id, target, RelationshipKind::ToOne { on: pairs(on) }, columns)
}

pub(crate) fn to_many(id: usize, target: &str, on: &[(&str, &str)], columns: &[&str]) -> Embed {
    embed(id, target, RelationshipKind::ToMany { on: pairs(on) }, columns)
}

pub(crate) fn many_to_many(
    id: usize,
    target: &str,
    junction: &str,
    near: &[(&str, &str)],
    far: &[(&str, &str)],
    columns: &[&str],
) -> Embed {
    let kind = RelationshipKind::ManyToMany { junction: relation(junction), near: pairs(near), far: pairs(far) };
    embed(id, target, kind, columns)
}

fn embed(id: usize, target: &str, kind: RelationshipKind, columns: &[&str]) -> Embed {
    Embed {
        key: target.to_owned(),
        id,
        relationship: Relationship { target: relation(target), kind },
        inner: false,
        spread: false,
        read: Read { select: columns.iter().map(|name| item(name)).collect(), ..Read::default() },
    }
}

fn pairs(on: &[(&str, &str)]) -> Vec<(String, String)> {
    on.iter().map(|(here, there)| ((*here).to_owned(), (*there).to_owned())).collect()
}

pub(crate) fn embedded(embed: Embed) -> Item {
    Item::Embed(Box::new(embed))
}

pub(crate) fn json_arguments(json: &str, names: &[&str]) -> Arguments {
    Arguments::Json { json: json.to_owned(), names: names.iter().map(|name| (*name).to_owned()).collect() }
}

pub(crate) fn text_arguments(values: &[(&str, &[&str])]) -> Arguments {
    let values = values
        .iter()
        .map(|(name, values)| ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()));
    Arguments::Text(values.collect())
}

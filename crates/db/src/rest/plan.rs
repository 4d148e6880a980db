//! A request in typed form: every name was found in the [`Catalogue`](super::Catalogue), every value is still the
//! client's text and becomes a parameter, never SQL.

use super::catalogue::{Function, Name};
use super::columns::ResultColumn;

/// One request: what to do, and how to answer.
#[derive(Debug, Clone)]
pub struct Statement {
    pub action: Action,
    pub output: Output,
    /// How many rows there are without limit and offset.
    pub count: Option<Count>,
    /// Begin the transaction `read only`.
    pub read_only: bool,
    pub checks: Checks,
    /// Of a read or of a call that answers rows: [`Read::columns`].
    pub columns: Option<Vec<ResultColumn>>,
}

/// Conditions on the result; where one does not hold everything is rolled back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checks {
    /// Exactly one row.
    pub singular: bool,
    /// At most so many rows changed, or returned by a call.
    pub max_affected: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// An array of rows; of a call that answers one value or one row, that alone.
    Json,
    /// The first row alone (`application/vnd.pgrst.object+json`).
    Object,
    /// With the keys that are null left out.
    JsonWithoutNulls,
    ObjectWithoutNulls,
    Csv,
    /// No rows wanted: `return=minimal`, HEAD.
    Nothing,
    /// `return=headers-only`: no rows, but the primary key of the one that was made, for the Location header.
    Location,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Exact,
    /// The planner's guess.
    Planned,
    /// Exact up to `max_rows`, the planner's guess beyond.
    Estimated,
}

#[derive(Debug, Clone)]
pub enum Action {
    Read { from: Name, read: Read },
    Insert(Insert),
    Update { table: Name, set: Payload, filter: Vec<Condition>, returning: Read },
    Delete { table: Name, filter: Vec<Condition>, returning: Read },
    Call(Call),
}

#[derive(Debug, Clone)]
pub struct Insert {
    pub table: Name,
    pub rows: Payload,
    pub conflict: Option<Conflict>,
    /// PUT: the row must also match the filter of the URL.
    pub filter: Vec<Condition>,
    pub returning: Read,
    /// Columns of the primary key, for [`Output::Location`].
    pub primary_key: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Conflict {
    pub resolution: Resolution,
    /// Columns of `on_conflict`, or of the primary key.
    pub target: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    MergeDuplicates,
    IgnoreDuplicates,
}

/// Rows as JSON: an array of objects, or one object.
#[derive(Debug, Clone)]
pub struct Payload {
    /// The columns to write: those the body (or `columns=`) names. Empty: `default values`, or nothing to update.
    pub columns: Vec<TypedColumn>,
    /// Sent as one `json` parameter.
    pub json: String,
    /// An array, or one object.
    pub is_array: bool,
    /// `missing=default`: a key that a row leaves out takes the column's default instead of null.
    pub missing_is_default: bool,
}

#[derive(Debug, Clone)]
pub struct TypedColumn {
    pub name: String,
    pub type_name: String,
    /// The default as SQL text from the catalogue is not needed: `missing_is_default` is rendered with the column's own.
    pub has_default: bool,
}

#[derive(Debug, Clone)]
pub struct Call {
    pub function: Function,
    pub arguments: Arguments,
    /// Applied to the rows of the answer.
    pub read: Read,
}

#[derive(Debug, Clone)]
pub enum Arguments {
    None,
    /// A JSON object with the named arguments that are given (all in `names`); POST with JSON.
    Json {
        json: String,
        names: Vec<String>,
    },
    /// Text values by name; GET and forms. A variadic argument may come several times.
    Text(Vec<(String, Vec<String>)>),
    /// The whole body as the function's single unnamed argument (json, jsonb, text, xml: text; bytea: bytes).
    Body(Vec<u8>),
}

/// Which rows and what of them.
#[derive(Debug, Clone, Default)]
pub struct Read {
    pub select: Vec<Item>,
    /// All must hold.
    pub filter: Vec<Condition>,
    pub order: Vec<OrderTerm>,
    pub limit: Option<i64>,
    pub offset: i64,
}

#[derive(Debug, Clone)]
pub enum Item {
    /// `*`
    All,
    Field {
        field: Field,
        cast: Option<String>,
        alias: Option<String>,
        aggregate: Option<Aggregate>,
    },
    Embed(Box<Embed>),
    /// `count()` without a column.
    CountRows {
        alias: Option<String>,
        cast: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    Avg,
    Count,
    Max,
    Min,
    Sum,
}

/// A column, or something inside its JSON. For columns of arrays and composites, `to_jsonb(column)` is walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub column: String,
    pub path: Vec<JsonStep>,
    /// The column is not `json` or `jsonb`, so a path needs `to_jsonb`.
    pub needs_to_jsonb: bool,
}

/// `->key`, `->0` or, with `as_text`, `->>key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonStep {
    pub key: JsonKey,
    pub as_text: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonKey {
    Name(String),
    Index(i64),
}

/// Rows of a related table within each row.
#[derive(Debug, Clone)]
pub struct Embed {
    /// The key in the answer: alias, or the name the client used.
    pub key: String,
    /// Unique in the statement: conditions and order terms of the parent refer to it.
    pub id: usize,
    pub relationship: Relationship,
    /// `!inner`: rows without a match are left out.
    pub inner: bool,
    /// `...name(columns)`: its columns become the parent's own; of a to-many relationship each as an array, so there
    /// `*` must have been replaced by the columns it stands for.
    pub spread: bool,
    pub read: Read,
}

#[derive(Debug, Clone)]
pub struct Relationship {
    pub target: Name,
    pub kind: RelationshipKind,
}

#[derive(Debug, Clone)]
pub enum RelationshipKind {
    /// An object or null. Pairs are (column here, column there).
    ToOne { on: Vec<(String, String)> },
    /// An array.
    ToMany { on: Vec<(String, String)> },
    /// An array, through a table in between: (column here, column of the junction), (column of the junction, column there).
    ManyToMany { junction: Name, near: Vec<(String, String)>, far: Vec<(String, String)> },
    /// What the function answers for a row of `from`: an object or null, or an array.
    Computed { function: Name, from: Name, to_one: bool },
}

impl Relationship {
    /// An object or null, instead of an array.
    pub const fn is_to_one(&self) -> bool {
        matches!(self.kind, RelationshipKind::ToOne { .. } | RelationshipKind::Computed { to_one: true, .. })
    }
}

#[derive(Debug, Clone)]
pub enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        field: Field,
        test: Test,
    },
    /// `embedded=is.null` and `embedded=not.is.null`: whether the [`Embed`] with this id has rows.
    HasRows {
        embed_id: usize,
        expected: bool,
    },
}

#[derive(Debug, Clone)]
pub enum Test {
    /// `field <operator> value`
    Operator {
        operator: Operator,
        value: String,
    },
    /// `eq(any).{a,b}`: values as an array literal the client wrote.
    Quantified {
        operator: Operator,
        quantifier: Quantifier,
        values: String,
    },
    /// `in.(…)`
    In(Vec<String>),
    Is(IsValue),
    /// Full text search; the configuration is optional. A field that is no `tsvector` (`is_vector` is false: text, json)
    /// goes through `to_tsvector` first.
    Search {
        kind: SearchKind,
        config: Option<String>,
        value: String,
        is_vector: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    /// `*` in the value stands for `%` and was replaced by the parser, here and in `Ilike`.
    Like,
    Ilike,
    /// `~` and `~*`
    Match,
    Imatch,
    IsDistinct,
    /// `cs` @>, `cd` <@, `ov` &&, `sl` <<, `sr` >>, `nxl` &>, `nxr` &<, `adj` -|-
    Contains,
    ContainedBy,
    Overlaps,
    StrictlyLeft,
    StrictlyRight,
    NotExtendsLeft,
    NotExtendsRight,
    Adjacent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsValue {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchKind {
    /// `fts`: to_tsquery, `plfts`: plainto, `phfts`: phraseto, `wfts`: websearch_to.
    Query,
    Plain,
    Phrase,
    Web,
}

#[derive(Debug, Clone)]
pub struct OrderTerm {
    pub by: OrderBy,
    pub descending: Option<bool>,
    pub nulls_first: Option<bool>,
}

#[derive(Debug, Clone)]
pub enum OrderBy {
    Field(Field),
    /// A column of a to-one [`Embed`] with this id.
    Embedded {
        embed_id: usize,
        field: Field,
    },
}

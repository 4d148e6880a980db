//! What is exposed: relations, functions and foreign keys of the exposed schemas, as `pg_class`, `pg_proc` and
//! `pg_constraint` describe them.

use std::collections::{HashMap, HashSet};

/// A schema-qualified name, unquoted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    pub schema: String,
    pub name: String,
}

/// One reading of the catalogue. Two with the same `fingerprint` describe the same.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Exposed schemas, the default first.
    pub schemas: Vec<String>,
    pub relations: HashMap<Name, Relation>,
    /// Overloads of one name together. Trigger functions, and those whose several arguments have no names, are left out.
    pub functions: HashMap<Name, Vec<Function>>,
    pub foreign_keys: Vec<ForeignKey>,
    pub computed: Vec<ComputedRelationship>,
    /// Names of `pg_timezone_names`, which `Prefer: timezone=…` may name.
    pub time_zones: HashSet<String>,
    pub fingerprint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    Table,
    View,
    MaterializedView,
}

/// A table, partitioned table, foreign table or view. Partitions are left out.
#[derive(Debug, Clone)]
pub struct Relation {
    pub name: Name,
    pub kind: RelationKind,
    /// In their order in the table.
    pub columns: Vec<Column>,
    /// Empty where there is none. A view has that of a table whose key it shows.
    pub primary_key: Vec<String>,
    pub insertable: bool,
    pub updatable: bool,
    pub deletable: bool,
    pub comment: Option<String>,
    /// Which of `anon`, `authenticated`, `service_role` have any privilege on it: hints name nothing else.
    pub open_to: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// As `format_type` prints it, qualified where it is not on the system's path: `uuid`, `timestamp with time zone`,
    /// `ops.build_status`, `text[]`.
    pub type_name: String,
    /// The type below a domain, the same as `type_name` elsewhere; decides how a value looks in JSON.
    pub base_type: String,
    pub nullable: bool,
    pub has_default: bool,
    /// Generated always, so never to be written.
    pub generated: bool,
    /// Labels of an enumeration, else empty.
    pub labels: Vec<String>,
    pub comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub name: Name,
    /// Those a caller gives (in, inout, variadic), in order.
    pub arguments: Vec<Argument>,
    pub result: FunctionResult,
    pub volatility: Volatility,
    pub comment: Option<String>,
    /// Which of `anon`, `authenticated`, `service_role` may call it.
    pub open_to: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Argument {
    /// Empty for the one unnamed argument of a function that takes the whole body.
    pub name: String,
    pub type_name: String,
    pub required: bool,
    pub variadic: bool,
}

#[derive(Debug, Clone)]
pub struct FunctionResult {
    /// `setof` or `returns table`.
    pub set: bool,
    pub shape: Shape,
}

#[derive(Debug, Clone)]
pub enum Shape {
    Void,
    /// A value: scalar, enumeration, array, range, domain, json.
    Scalar {
        type_name: String,
    },
    /// A row with these columns: a composite type, `returns table`, out arguments.
    Row {
        columns: Vec<Column>,
        relation: Option<Name>,
    },
    /// `record` whose columns only the call knows.
    Record,
}

/// A foreign key of which both ends are exposed: the tables themselves, or views that show its columns, under the views'
/// names. One constraint may be several of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub name: String,
    pub from: Name,
    pub from_columns: Vec<String>,
    pub to: Name,
    pub to_columns: Vec<String>,
    /// At most one row of `from` for a row of `to`: `from_columns` hold a primary or unique key.
    pub one_to_one: bool,
}

/// A relationship that a function makes: of a row of `from`, rows of `to`. All three are exposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputedRelationship {
    pub function: Name,
    pub from: Name,
    pub to: Name,
    /// It is no set, or one that is declared to have one row (`rows 1`).
    pub to_one: bool,
}

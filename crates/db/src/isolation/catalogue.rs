//! What objects the connected database really has.

use serde::Deserialize;

use crate::{DbError, Result};

pub(super) const QUERY: &str = include_str!("../../../../db/isolation/catalogue.sql");

#[derive(Debug, Deserialize)]
pub(super) struct Catalogue {
    pub schemas: Vec<String>,
    pub relations: Vec<Relation>,
    pub sequences: Vec<Sequence>,
    pub functions: Vec<Function>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Relation {
    schema: String,
    name: String,
    pub kind: char,
    pub partition: bool,
    pub columns: Vec<Column>,
    pub policies: Vec<Policy>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Column {
    pub name: String,
    /// Its value is computed: nobody can give one.
    pub generated: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    pub name: String,
    pub command: char,
    #[serde(rename = "using")]
    pub has_using: bool,
    #[serde(rename = "check")]
    pub has_check: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sequence {
    schema: String,
    name: String,
    /// Stands behind an identity column.
    pub identity: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Function {
    schema: String,
    name: String,
    /// Qualified name with argument types, as `alter function` takes it.
    pub signature: String,
    pub definer: bool,
    #[serde(rename = "trigger")]
    pub is_trigger: bool,
    pub volatile: bool,
    pub definition: String,
    pub arguments: Vec<Argument>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Argument {
    pub name: String,
    #[serde(rename = "type")]
    pub of_type: String,
    pub optional: bool,
}

impl Catalogue {
    pub(super) fn read(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|e| DbError::Decode(format!("the catalogue's answer: {e}")))
    }
}

impl Relation {
    /// As SQL names it.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", self.schema, ident(&self.name))
    }

    pub(super) fn key(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// A table, partitioned or not.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.kind, 'r' | 'p')
    }

    /// The word for it in a report.
    pub(super) fn noun(&self) -> &'static str {
        match self.kind {
            _ if self.partition => "partitions",
            'v' => "views",
            'm' => "materialized views",
            'f' => "foreign tables",
            _ => "tables",
        }
    }
}

impl Sequence {
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", self.schema, ident(&self.name))
    }

    pub(super) fn key(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

impl Function {
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", self.schema, ident(&self.name))
    }

    pub(super) fn key(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The text between the definition's head and its end: what it does.
    pub(super) fn body(&self) -> &str {
        self.definition.find("\nAS ").map_or("", |at| &self.definition[at..])
    }

    pub(super) fn calls(&self, other: &Self) -> bool {
        self.signature != other.signature && self.body().contains(&format!("{}(", other.key()))
    }
}

/// A name as SQL needs it: quoted.
pub(super) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL needs it: quoted.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

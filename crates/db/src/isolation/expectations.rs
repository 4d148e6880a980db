//! `db/isolation/expectations.toml`: who may do what, as it was stated and not as it is.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{DbError, Result};

const TEXT: &str = include_str!("../../../../db/isolation/expectations.toml");
const BREACHES: &str = include_str!("../../../../db/isolation/breaches.toml");

/// Who, in the order of their rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Who {
    /// Every person who is signed in.
    Anyone,
    Viewer,
    Developer,
    Admin,
    Owner,
    /// The server's own role alone.
    Service,
    /// Not even the server's role; what the database's owner calls.
    Nobody,
}

impl Who {
    /// Whether a person whose role in the row's org is `rank` (0 without one) is among them.
    pub(super) const fn includes(self, rank: u8) -> bool {
        match self {
            Self::Anyone => true,
            Self::Viewer => rank >= 1,
            Self::Developer => rank >= 2,
            Self::Admin => rank >= 3,
            Self::Owner => rank >= 4,
            Self::Service | Self::Nobody => false,
        }
    }

    /// Whether there are people among them.
    pub(super) const fn are_people(self) -> bool {
        !matches!(self, Self::Service | Self::Nobody)
    }
}

/// What may be done with a table or view.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Relation {
    pub reads: Who,
    #[serde(default)]
    pub hidden: Vec<String>,
    /// Role to the rows it may write, as a condition on the row.
    #[serde(default)]
    pub inserts: BTreeMap<Who, String>,
    #[serde(default)]
    pub updates: BTreeMap<Who, String>,
    #[serde(default)]
    pub deletes: BTreeMap<Who, String>,
    #[serde(default)]
    pub insertable: Vec<String>,
    #[serde(default)]
    pub updatable: Vec<String>,
    pub org: Option<String>,
    #[serde(default)]
    pub shared: bool,
    service: Option<String>,
}

impl Relation {
    const fn read_by(reads: Who) -> Self {
        Self {
            reads,
            hidden: Vec::new(),
            inserts: BTreeMap::new(),
            updates: BTreeMap::new(),
            deletes: BTreeMap::new(),
            insertable: Vec::new(),
            updatable: Vec::new(),
            org: None,
            shared: false,
            service: None,
        }
    }

    /// Partitions, by their own name: policies of the parent do not hold for them.
    pub(super) fn of_partition() -> Self {
        Self { service: Some(String::new()), ..Self::read_by(Who::Nobody) }
    }

    /// The column that tells the org; none where rows belong to no org.
    pub(super) fn org_column(&self) -> Option<&str> {
        match self.org.as_deref() {
            None => Some("org_id"),
            Some("none") => None,
            Some(column) => Some(column),
        }
    }

    /// Whether the server's role may do this (`select`, `insert`, `update`, `delete`).
    pub(super) fn service_may(&self, command: &str, is_table: bool) -> bool {
        match &self.service {
            Some(stated) => stated.split(',').any(|one| one.trim() == command),
            None if self.reads == Who::Nobody => false,
            None => is_table || command == "select",
        }
    }
}

/// One way to call a function and who may.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub role: Who,
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    #[serde(default = "yes")]
    pub tokens: bool,
    #[serde(default)]
    pub pure: bool,
}

const fn yes() -> bool {
    true
}

/// A change to a function that all others lean on, and that the proof must notice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Breach {
    pub function: String,
    pub instead_of: String,
    pub says: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum RelationLine {
    Short(Who),
    Long(Box<Relation>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum FunctionLine {
    Short(Who),
    Long(Call),
    Several(Vec<Call>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(default)]
    relations: BTreeMap<String, RelationLine>,
    #[serde(default)]
    functions: BTreeMap<String, FunctionLine>,
    /// Sequences that stand by themselves.
    #[serde(default)]
    sequences: BTreeMap<String, Who>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BreachFile {
    breaches: Vec<Breach>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    arguments: BTreeMap<String, String>,
    schemas: BTreeMap<String, Who>,
    registry: Section,
    ops: Section,
    metrics: Section,
}

/// All of them, by qualified name.
#[derive(Debug)]
pub(super) struct Expectations {
    pub arguments: BTreeMap<String, String>,
    pub schemas: BTreeMap<String, Who>,
    pub relations: BTreeMap<String, Relation>,
    pub functions: BTreeMap<String, Vec<Call>>,
    pub sequences: BTreeMap<String, Who>,
    pub breaches: Vec<Breach>,
}

impl Expectations {
    /// As compiled in.
    pub(super) fn load() -> Result<Self> {
        let breaches: BreachFile = toml::from_str(BREACHES)
            .map_err(|e| DbError::Decode(format!("db/isolation/breaches.toml cannot be read: {e}")))?;
        Ok(Self { breaches: breaches.breaches, ..Self::read(TEXT)? })
    }

    fn read(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)
            .map_err(|e| DbError::Decode(format!("db/isolation/expectations.toml cannot be read: {e}")))?;
        let mut all = Self {
            arguments: file.arguments,
            schemas: file.schemas,
            relations: BTreeMap::new(),
            functions: BTreeMap::new(),
            sequences: BTreeMap::new(),
            breaches: Vec::new(),
        };
        for (schema, section) in [("registry", file.registry), ("ops", file.ops), ("metrics", file.metrics)] {
            for (name, line) in section.relations {
                let relation = match line {
                    RelationLine::Short(reads) => Relation::read_by(reads),
                    RelationLine::Long(relation) => *relation,
                };
                all.relations.insert(format!("{schema}.{name}"), relation);
            }
            for (name, line) in section.functions {
                let calls = match line {
                    FunctionLine::Short(role) => {
                        vec![Call { role, with: BTreeMap::new(), tokens: true, pure: false }]
                    }
                    FunctionLine::Long(call) => vec![call],
                    FunctionLine::Several(calls) => calls,
                };
                all.functions.insert(format!("{schema}.{name}"), calls);
            }
            all.sequences.extend(section.sequences.into_iter().map(|(name, who)| (format!("{schema}.{name}"), who)));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: &str = "[arguments]\n[schemas]\n[registry]\n[metrics]\n";

    #[test]
    fn the_file_can_be_read() {
        let all = Expectations::load().unwrap();
        assert_eq!(all.relations["ops.artifacts"].reads, Who::Viewer);
        assert_eq!(all.functions["registry.invite_member"].len(), 2);
        assert!(all.relations["registry.migrations"].service_may("select", true));
        assert!(!all.relations["registry.migrations"].service_may("insert", true));
    }

    #[test]
    fn a_slip_of_the_pen_is_not_read_as_permission() {
        for line in [
            "[ops.relations]\nx = { reads = \"viewer\", hiden = [\"a\"] }",
            "[ops.functions]\nx = { role = \"viewer\", token = false }",
            "[ops.functions]\nx = \"everyone\"",
            "[ops.tables]\nx = \"viewer\"",
            "[op.relations]\nx = \"viewer\"",
        ] {
            assert!(Expectations::read(&format!("{FRAME}{line}\n")).is_err(), "{line}");
        }
        assert!(Expectations::read(&format!("{FRAME}[ops.relations]\nx = \"viewer\"\n")).is_ok());
    }
}

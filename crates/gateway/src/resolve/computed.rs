//! Relationships that functions make: a row of one table goes in, rows of another come out.

use plimsoll_db::rest::catalogue::{ComputedRelationship, Name};
use plimsoll_db::rest::plan::{Relationship, RelationshipKind};

use super::Scope;

/// Those that start from `origin`.
pub(super) fn from<'a>(scope: Scope<'a>, origin: &Name) -> Vec<&'a ComputedRelationship> {
    let computed = scope.catalogue.computed.iter();
    computed.filter(|computed| computed.from == *origin && computed.function.schema == scope.schema).collect()
}

/// The one that is called `target`. PostgreSQL has no two functions of one name for the same row.
pub(super) fn named(computed: &[&ComputedRelationship], target: &str) -> Option<Relationship> {
    let ComputedRelationship { function, from, to, to_one } =
        computed.iter().find(|computed| computed.function.name == target)?;
    let kind = RelationshipKind::Computed { function: function.clone(), from: from.clone(), to_one: *to_one };
    Some(Relationship { target: to.clone(), kind })
}

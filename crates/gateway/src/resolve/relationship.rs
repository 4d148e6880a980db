//! Which relationship an embed means.
//!
//! A target is a relation, a foreign key by name, or the column that refers to it; a hint is a foreign key, a column of
//! either side, or the table in between. A function of the row comes before all of these, whatever the hint: it is how
//! people put a relationship of their own in the place of one that was detected.

use axum::http::StatusCode;
use plimsoll_db::rest::catalogue::{ForeignKey, Name, RelationKind};
use plimsoll_db::rest::plan::{Relationship, RelationshipKind};
use serde_json::{Value, json};

use super::{Origin, Scope, computed};
use crate::error::ApiError;
use crate::nearest::{AMONG_FEW, nearest};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cardinality {
    ManyToOne,
    OneToMany,
    OneToOne,
}

enum Link<'a> {
    Direct {
        cardinality: Cardinality,
        key: &'a ForeignKey,
        here: &'a [String],
        there: &'a [String],
    },
    /// Two foreign keys of the table in between: to here, and to the target.
    Through {
        near: &'a ForeignKey,
        far: &'a ForeignKey,
    },
}

struct Candidate<'a> {
    target: &'a Name,
    link: Link<'a>,
}

/// The one relationship from `origin` that `target` and `hint` mean.
pub(super) fn find(
    scope: Scope<'_>,
    origin: Origin<'_>,
    target: &str,
    hint: Option<&str>,
) -> Result<Relationship, ApiError> {
    let computed = origin.relation.map(|name| computed::from(scope, name)).unwrap_or_default();
    if let Some(found) = computed::named(&computed, target) {
        return Ok(found);
    }
    let mut candidates = origin.relation.map(|name| candidates(scope, name)).unwrap_or_default();
    candidates.retain(|candidate| !computed.iter().any(|computed| computed.function == *candidate.target));
    let mut found: Vec<_> =
        candidates.iter().filter(|candidate| matches(scope, origin.name, candidate, target, hint)).collect();
    match found.as_slice() {
        [one] => Ok(one.relationship()),
        [] => Err(none(scope, origin.name, target, hint, &candidates)),
        _ => {
            found.sort_by_key(|candidate| candidate.hint());
            Err(ambiguous(origin.name, target, &found))
        }
    }
}

fn candidates<'a>(scope: Scope<'a>, origin: &Name) -> Vec<Candidate<'a>> {
    let keys = &scope.catalogue.foreign_keys;
    let exposed = |name: &Name| name.schema == scope.schema;
    let mut candidates = Vec::new();
    for key in keys {
        let (one_to_one, from, to) = (key.one_to_one, &*key.from_columns, &*key.to_columns);
        if key.from == *origin && exposed(&key.to) {
            let cardinality = if one_to_one { Cardinality::OneToOne } else { Cardinality::ManyToOne };
            candidates
                .push(Candidate { target: &key.to, link: Link::Direct { cardinality, key, here: from, there: to } });
        }
        if key.to == *origin && exposed(&key.from) {
            let cardinality = if one_to_one { Cardinality::OneToOne } else { Cardinality::OneToMany };
            candidates
                .push(Candidate { target: &key.from, link: Link::Direct { cardinality, key, here: to, there: from } });
            // The same key leads to a table and to its views: there is nothing in between those.
            for far in keys.iter().filter(|far| far.from == key.from && far.name != key.name && exposed(&far.to)) {
                if is_junction(scope, key, far) {
                    candidates.push(Candidate { target: &far.to, link: Link::Through { near: key, far } });
                }
            }
        }
    }
    candidates
}

/// A table is in between two others when its primary key holds the keys to both.
fn is_junction(scope: Scope<'_>, near: &ForeignKey, far: &ForeignKey) -> bool {
    let table = scope.catalogue.relations.get(&near.from);
    table.is_some_and(|table| {
        let mut columns = near.from_columns.iter().chain(&far.from_columns);
        !table.primary_key.is_empty() && columns.all(|column| table.primary_key.contains(column))
    })
}

fn matches(scope: Scope<'_>, origin: &str, candidate: &Candidate<'_>, target: &str, hint: Option<&str>) -> bool {
    let by_name = candidate.target.name == target;
    // Of a table that refers to itself the name means the many, the column the one.
    if candidate.target.name == origin {
        let Link::Direct { cardinality, here, there, .. } = &candidate.link else { return false };
        let children = by_name && *cardinality == Cardinality::OneToMany;
        return match hint {
            None => children || (*cardinality == Cardinality::ManyToOne && is_only(here, target)),
            Some(hint) => children && is_only(there, hint),
        };
    }
    match (hint, &candidate.link) {
        (None, Link::Direct { key, here, .. }) => {
            let kind = scope.catalogue.relations.get(candidate.target).map(|relation| relation.kind);
            by_name || (kind == Some(RelationKind::Table) && (key.name == target || is_only(here, target)))
        }
        (None, Link::Through { .. }) => by_name,
        (Some(hint), Link::Direct { key, here, there, .. }) => {
            by_name && (key.name == hint || is_only(here, hint) || is_only(there, hint))
        }
        (Some(hint), Link::Through { near, .. }) => by_name && near.from.name == hint,
    }
}

fn is_only(columns: &[String], name: &str) -> bool {
    matches!(columns, [column] if column == name)
}

impl Candidate<'_> {
    fn relationship(&self) -> Relationship {
        let pairs = |a: &[String], b: &[String]| a.iter().cloned().zip(b.iter().cloned()).collect::<Vec<_>>();
        let kind = match &self.link {
            Link::Direct { cardinality: Cardinality::OneToMany, here, there, .. } => {
                RelationshipKind::ToMany { on: pairs(here, there) }
            }
            Link::Direct { here, there, .. } => RelationshipKind::ToOne { on: pairs(here, there) },
            Link::Through { near, far } => RelationshipKind::ManyToMany {
                junction: near.from.clone(),
                near: pairs(&near.to_columns, &near.from_columns),
                far: pairs(&far.from_columns, &far.to_columns),
            },
        };
        Relationship { target: self.target.clone(), kind }
    }

    /// What tells it from the others.
    fn hint(&self) -> &str {
        match &self.link {
            Link::Direct { key, .. } => &key.name,
            Link::Through { near, .. } => &near.from.name,
        }
    }

    fn describe(&self, origin: &str) -> Value {
        let target = &self.target.name;
        let list = |columns: &[String]| format!("({})", columns.join(", "));
        let (cardinality, relationship) = match &self.link {
            Link::Direct { cardinality, key, here, there } => {
                let cardinality = match cardinality {
                    Cardinality::ManyToOne => "many-to-one",
                    Cardinality::OneToMany => "one-to-many",
                    Cardinality::OneToOne => "one-to-one",
                };
                (cardinality, format!("{} using {origin}{} and {target}{}", key.name, list(here), list(there)))
            }
            Link::Through { near, far } => (
                "many-to-many",
                format!(
                    "{} using {}{} and {}{}",
                    near.from.name,
                    near.name,
                    list(&near.from_columns),
                    far.name,
                    list(&far.from_columns)
                ),
            ),
        };
        json!({
            "cardinality": cardinality,
            "embedding": format!("{origin} with {target}"),
            "relationship": relationship,
        })
    }
}

fn none(scope: Scope<'_>, origin: &str, target: &str, hint: Option<&str>, candidates: &[Candidate<'_>]) -> ApiError {
    let using = hint.map(|hint| format!(" using the hint '{hint}'")).unwrap_or_default();
    let open = candidates.iter().filter(|candidate| {
        let relation = scope.catalogue.relations.get(candidate.target);
        relation.is_some_and(|relation| relation.open_to.iter().any(|to| to == scope.role))
    });
    let meant = nearest(target, open.map(|candidate| candidate.target.name.as_str()), AMONG_FEW)
        .filter(|(_, score)| *score < 1.0)
        .map(|(found, _)| format!("Perhaps you meant '{found}' instead of '{target}'."));
    ApiError::bad_request(
        "PGRST200",
        format!("Could not find a relationship between '{origin}' and '{target}' in the schema cache"),
    )
    .details(format!(
        "Searched for a foreign key relationship between '{origin}' and '{target}'{using} in the schema '{}', but no \
         matches were found.",
        scope.schema
    ))
    .hint(meant)
    .perhaps_stale()
}

fn ambiguous(origin: &str, target: &str, found: &[&Candidate<'_>]) -> ApiError {
    let choices: Vec<_> =
        found.iter().map(|candidate| format!("'{}!{}'", candidate.target.name, candidate.hint())).collect();
    let details: Vec<_> = found.iter().map(|candidate| candidate.describe(origin)).collect();
    ApiError::new(
        StatusCode::MULTIPLE_CHOICES,
        "PGRST201",
        format!("Could not embed because more than one relationship was found for '{origin}' and '{target}'"),
    )
    .details(details)
    .hint(format!(
        "Try changing '{target}' to one of the following: {}. Find the desired relationship in the 'details' key.",
        choices.join(", ")
    ))
}

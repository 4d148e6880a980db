//! Reading and writing a table or view.

use axum::http::StatusCode;
use plimsoll_db::rest::catalogue::Relation;
use plimsoll_db::rest::plan::{
    Action, Checks, Conflict, Insert, Operator, Output, Payload, Read, Resolution, Statement, Test, TypedColumn,
};

use super::read::{Rows, conditions, tree};
use super::{Origin, Planned, Reply, ReplyKind, Scope};
use crate::body::{self, Json};
use crate::error::ApiError;
use crate::media::{Negotiated, negotiate};
use crate::preferences::{Relevant, Return};
use crate::request::Request;

pub(super) fn read(scope: Scope<'_>, request: &Request, name: &str, head: bool) -> Result<Planned, ApiError> {
    let relation = scope.relation(name)?;
    let read = tree(scope, Origin::of(relation), &request.query, Rows::Chosen(request.range))?;
    let Negotiated { media, output, singular } = negotiate(&request.accepted)?;
    request.preferences.check()?;
    let output = if head { Output::Nothing } else { output };
    let columns = read.columns(&relation.columns);
    let statement = Statement {
        action: Action::Read { from: relation.name.clone(), read },
        output,
        count: request.preferences.count,
        read_only: true,
        checks: Checks { singular, max_affected: None },
        columns,
    };
    Ok(Planned { statement, reply: Reply { kind: ReplyKind::Read { head }, media, relevant: Relevant::default() } })
}

pub(super) fn insert(scope: Scope<'_>, request: &Request, name: &str) -> Result<Planned, ApiError> {
    let relation = scope.relation(name)?;
    let json = body::rows(&request.sent, &request.body, request.query.columns.is_some())?;
    let mut writing = Writing::read(scope, request, relation)?;
    let rows = payload(relation, request.query.columns.as_deref(), json, request.preferences.missing_default)?;
    let has_target = !relation.primary_key.is_empty() || request.query.on_conflict.is_some();
    let conflict = request.preferences.resolution.filter(|_| has_target).map(|resolution| {
        let target = request.query.on_conflict.clone().unwrap_or_else(|| relation.primary_key.clone());
        Conflict { resolution, target }
    });
    let merges = conflict.as_ref().is_some_and(|conflict| conflict.resolution == Resolution::MergeDuplicates);
    let insert = Insert {
        table: relation.name.clone(),
        rows,
        conflict,
        filter: Vec::new(),
        returning: std::mem::take(&mut writing.returning),
        primary_key: relation.primary_key.clone(),
    };
    if request.preferences.result == Some(Return::HeadersOnly) && !relation.primary_key.is_empty() {
        writing.output = Output::Location;
    }
    let relevant = Relevant { resolution: has_target, missing: true, result: true, max_affected: false };
    let kind = ReplyKind::Insert { full: writing.full, merges };
    Ok(writing.finish(request, Action::Insert(insert), kind, relevant))
}

pub(super) fn update(scope: Scope<'_>, request: &Request, name: &str) -> Result<Planned, ApiError> {
    let relation = scope.relation(name)?;
    let json = body::rows(&request.sent, &request.body, request.query.columns.is_some())?;
    let mut writing = Writing::read(scope, request, relation)?;
    let set = payload(relation, request.query.columns.as_deref(), json, request.preferences.missing_default)?;
    let filter = conditions(Origin::of(relation), &request.query)?;
    let returning = std::mem::take(&mut writing.returning);
    let action = Action::Update { table: relation.name.clone(), set, filter, returning };
    let relevant = Relevant { missing: true, result: true, max_affected: true, resolution: false };
    let kind = ReplyKind::Update { full: writing.full };
    Ok(writing.finish(request, action, kind, relevant))
}

pub(super) fn delete(scope: Scope<'_>, request: &Request, name: &str) -> Result<Planned, ApiError> {
    let relation = scope.relation(name)?;
    let mut writing = Writing::read(scope, request, relation)?;
    let filter = conditions(Origin::of(relation), &request.query)?;
    let returning = std::mem::take(&mut writing.returning);
    let action = Action::Delete { table: relation.name.clone(), filter, returning };
    let relevant = Relevant { result: true, max_affected: true, ..Relevant::default() };
    let kind = ReplyKind::Delete { full: writing.full };
    Ok(writing.finish(request, action, kind, relevant))
}

/// One row, which the URL names by its whole primary key and the body holds.
pub(super) fn put(scope: Scope<'_>, request: &Request, name: &str) -> Result<Planned, ApiError> {
    let relation = scope.relation(name)?;
    let json = body::rows(&request.sent, &request.body, false)?;
    let mut writing = Writing::read(scope, request, relation)?;
    if !names_primary_key(relation, request) {
        let message = "Filters must include all and only primary key columns with 'eq' operators";
        return Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "PGRST105", message));
    }
    let insert = Insert {
        table: relation.name.clone(),
        rows: payload(relation, None, json, None)?,
        conflict: Some(Conflict { resolution: Resolution::MergeDuplicates, target: relation.primary_key.clone() }),
        filter: conditions(Origin::of(relation), &request.query)?,
        returning: std::mem::take(&mut writing.returning),
        primary_key: relation.primary_key.clone(),
    };
    let relevant = Relevant { result: true, ..Relevant::default() };
    let kind = ReplyKind::Put { full: writing.full };
    let mut planned = writing.finish(request, Action::Insert(insert), kind, relevant);
    planned.statement.checks.singular = true;
    Ok(planned)
}

fn names_primary_key(relation: &Relation, request: &Request) -> bool {
    let query = &request.query;
    let is_equal = |test: &Test| matches!(test, Test::Operator { operator: Operator::Eq, .. });
    query.trees.is_empty()
        && !relation.primary_key.is_empty()
        && query.filter_names.len() == relation.primary_key.len()
        && relation.primary_key.iter().all(|column| query.filter_names.contains(column))
        && query.filters.iter().all(|(_, filter)| !filter.negated && is_equal(&filter.test))
}

/// What all writing has in common.
struct Writing {
    negotiated: Negotiated,
    /// `return=representation`
    full: bool,
    output: Output,
    returning: Read,
}

impl Writing {
    fn read(scope: Scope<'_>, request: &Request, relation: &Relation) -> Result<Self, ApiError> {
        let returning = tree(scope, Origin::of(relation), &request.query, Rows::Written)?;
        request.preferences.check()?;
        let negotiated = negotiate(&request.accepted)?;
        let full = request.preferences.result == Some(Return::Representation);
        let output = if full { negotiated.output } else { Output::Nothing };
        Ok(Self { negotiated, full, output, returning })
    }

    fn finish(self, request: &Request, action: Action, kind: ReplyKind, relevant: Relevant) -> Planned {
        let max_affected = request.preferences.affected_limit().filter(|_| relevant.max_affected);
        let statement = Statement {
            action,
            output: self.output,
            count: None,
            read_only: false,
            checks: Checks { singular: self.negotiated.singular, max_affected },
            columns: None,
        };
        Planned { statement, reply: Reply { kind, media: self.negotiated.media, relevant } }
    }
}

fn payload(
    relation: &Relation,
    columns: Option<&[String]>,
    json: Json,
    missing_default: Option<bool>,
) -> Result<Payload, ApiError> {
    let names = columns.map_or_else(|| json.keys.clone(), |columns| columns.iter().cloned().collect());
    let columns = names
        .into_iter()
        .map(|name| {
            let column = relation.columns.iter().find(|column| column.name == name).ok_or_else(|| {
                let table = &relation.name.name;
                let message = format!("Could not find the '{name}' column of '{table}' in the schema cache");
                ApiError::bad_request("PGRST204", message).perhaps_stale()
            })?;
            Ok(TypedColumn { name, type_name: column.type_name.clone(), has_default: column.has_default })
        })
        .collect::<Result<_, ApiError>>()?;
    let missing_is_default = missing_default == Some(true);
    Ok(Payload { columns, json: json.text, is_array: json.is_array, missing_is_default })
}

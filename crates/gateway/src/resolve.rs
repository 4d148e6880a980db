//! Looks up every name of a request in the catalogue and makes the statement's plan.

mod computed;
pub(crate) mod function;
mod read;
mod relationship;
mod table;

use axum::http::StatusCode;
use plimsoll_db::rest::catalogue::{Column, Name, Relation};
use plimsoll_db::rest::{Catalogue, Statement};

use crate::error::ApiError;
use crate::media::Media;
use crate::nearest::{AMONG_ALL, nearest};
use crate::preferences::Relevant;
use crate::request::{Request, Target, Verb};

/// What names are looked up in, and for whom.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) schema: &'a str,
    /// The caller's role: hints name nothing that is closed to it.
    pub(crate) role: &'a str,
    /// Most rows of a result or of an embed.
    pub(crate) max_rows: Option<i64>,
}

impl<'a> Scope<'a> {
    fn name(&self, name: &str) -> Name {
        Name { schema: self.schema.to_owned(), name: name.to_owned() }
    }

    /// The table or view of that name, or PGRST205 with the nearest as a hint.
    pub(crate) fn relation(&self, name: &str) -> Result<&'a Relation, ApiError> {
        if let Some(relation) = self.catalogue.relations.get(&self.name(name)) {
            return Ok(relation);
        }
        let Self { schema, role, .. } = self;
        let open = self.catalogue.relations.values().filter(|relation| relation.name.schema == *schema);
        let open = open.filter(|relation| relation.open_to.iter().any(|to| to == role));
        let hint = nearest(name, open.map(|relation| relation.name.name.as_str()), AMONG_ALL)
            .map(|(found, _)| format!("Perhaps you meant the table '{schema}.{found}'"));
        let message = format!("Could not find the table '{schema}.{name}' in the schema cache");
        Err(ApiError::new(StatusCode::NOT_FOUND, "PGRST205", message).hint(hint).perhaps_stale())
    }
}

/// The schema whose names `target` is among.
///
/// That is the one the request names, but for `public`: what is not there is looked for in the other exposed schemas, as
/// PostgreSQL looks for names without a schema along its search path. Clients say `public` when nobody told them
/// otherwise, and so go on finding `deployment_logs` and its like. What they find there, row level security decides.
pub(crate) fn home<'a>(catalogue: &'a Catalogue, requested: &'a str, target: &Target) -> &'a str {
    let has = |schema: &str| {
        let named = |name: &str| Name { schema: schema.to_owned(), name: name.to_owned() };
        match target {
            Target::Root => true,
            Target::Table(name) => catalogue.relations.contains_key(&named(name)),
            Target::Function(name) => catalogue.functions.contains_key(&named(name)),
        }
    };
    if requested != "public" || has(requested) {
        return requested;
    }
    catalogue.schemas.iter().map(String::as_str).find(|schema| has(schema)).unwrap_or(requested)
}

/// Where fields are looked up.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// For messages.
    pub(crate) name: &'a str,
    /// From which relationships start; a function's rows may belong to none.
    pub(crate) relation: Option<&'a Name>,
    pub(crate) columns: &'a [Column],
}

impl<'a> Origin<'a> {
    fn of(relation: &'a Relation) -> Self {
        Self { name: &relation.name.name, relation: Some(&relation.name), columns: &relation.columns }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&'a Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A statement, and how its outcome becomes a reply.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) statement: Statement,
    pub(crate) reply: Reply,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) kind: ReplyKind,
    pub(crate) media: Media,
    /// Which preferences the request heeds.
    pub(crate) relevant: Relevant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplyKind {
    Read {
        head: bool,
    },
    /// POST to a table. With `merges` it answers 200 where no row was new.
    Insert {
        full: bool,
        merges: bool,
    },
    Update {
        full: bool,
    },
    Put {
        full: bool,
    },
    Delete {
        full: bool,
    },
    Call {
        head: bool,
        void: bool,
    },
}

/// The plan of a request that needs the database: everything but OPTIONS and the root.
pub(crate) fn plan(scope: Scope<'_>, request: &Request) -> Result<Planned, ApiError> {
    match (&request.target, request.verb) {
        (Target::Function(name), Verb::Read { head }) => function::plan(scope, request, name, Some(head)),
        (Target::Function(name), _) => function::plan(scope, request, name, None),
        (Target::Table(name), Verb::Read { head }) => table::read(scope, request, name, head),
        (Target::Table(name), Verb::Post) => table::insert(scope, request, name),
        (Target::Table(name), Verb::Patch) => table::update(scope, request, name),
        (Target::Table(name), Verb::Put) => table::put(scope, request, name),
        (Target::Table(name), Verb::Delete) => table::delete(scope, request, name),
        (Target::Root, _) | (_, Verb::Options) => Err(ApiError::invalid_path()),
    }
}

/// `Allow` for a table or view.
pub(crate) fn allowed_methods(relation: &Relation) -> String {
    let mut methods = vec!["OPTIONS", "GET", "HEAD"];
    let can = |able: bool, method: &'static str| able.then_some(method);
    let puts = relation.insertable && relation.updatable && !relation.primary_key.is_empty();
    methods.extend(can(relation.insertable, "POST"));
    methods.extend(can(puts, "PUT"));
    methods.extend(can(relation.updatable, "PATCH"));
    methods.extend(can(relation.deletable, "DELETE"));
    methods.join(",")
}

#[cfg(test)]
mod tests;

//! Trials of schemas and sequences, and of the statement that nothing is there besides what was stated.

use super::actors::Actor;
use super::catalogue::{Catalogue, Relation, Sequence, literal};
use super::expectations::{self, Who};
use super::relations::{Measured, ROLES, text_array};
use super::report::Failure;
use super::trials::{Expects, Subject, Trial};

/// The names of all objects that need a line.
pub(super) const INVENTORY: &str = "
select string_agg(name, ', ' order by name) from (
  select c.relkind::text || ' ' || c.oid::regclass::text from pg_catalog.pg_class c
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not c.relispartition
  union all
  select p.oid::regprocedure::text from pg_catalog.pg_proc p where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics')
) o (name)";

const OPEN_PARTITIONS: &str = "
select string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text) from pg_catalog.pg_class c
where c.relispartition and c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics')
  and (not c.relrowsecurity or exists (
    select from unnest(array['anon', 'authenticated', 'service_role']) r
    where has_any_column_privilege(r, c.oid, 'SELECT, INSERT, UPDATE') or has_table_privilege(r, c.oid, 'DELETE, TRUNCATE')))";

/// The catalogue as a whole, and new objects that it must not take in silently.
pub(super) fn everything(catalogue: &Catalogue, inventory: &str) -> Subject {
    let trials = vec![
        Trial::fact("objects", INVENTORY.to_owned(), Some(inventory.to_owned())),
        Trial::fact("partitions that answer by their own name", OPEN_PARTITIONS.to_owned(), None),
    ];
    let mut mutations = vec![
        "create table ops.isolation_hole (org_id uuid)".to_owned(),
        "create table ops.isolation_hole (org_id uuid); alter table ops.isolation_hole enable row level security"
            .to_owned(),
        "create view ops.isolation_hole as select * from ops.builds".to_owned(),
        "create view ops.isolation_hole with (security_invoker = true) as select * from ops.builds".to_owned(),
        "create materialized view ops.isolation_hole as select org_id from registry.org_members with no data"
            .to_owned(),
        "create sequence ops.isolation_hole".to_owned(),
        "create function ops.isolation_hole() returns integer language sql as 'select 1'".to_owned(),
    ];
    for relation in catalogue.relations.iter().filter(|r| r.partition) {
        mutations.push(format!("alter table {} disable row level security", relation.sql()));
        mutations.push(format!("grant select on {} to authenticated", relation.sql()));
    }
    Subject { object: "the catalogue".into(), noun: "schemas", trials, mutations }
}

pub(super) fn schema(name: &str, who: Who, actors: &[Actor]) -> Subject {
    let mut granted = Vec::new();
    if who.are_people() {
        granted.push("authenticated USAGE");
    }
    if who != Who::Nobody {
        granted.push("service_role USAGE");
    }
    let grants = format!(
        "select string_agg(r || ' ' || p, ', ' order by r, p) from unnest({}) r, unnest(array['USAGE', 'CREATE']) p \
         where has_schema_privilege(r, {}, p)",
        text_array(&ROLES),
        literal(name)
    );
    let mut trials = vec![Trial::fact("grants", grants, (!granted.is_empty()).then(|| granted.join(", ")))];
    for actor in actors {
        let sql = format!("create table {name}.isolation_own (id integer)");
        trials.push(Trial::by(actor, "create a table", sql, Expects::Refusal));
    }
    let mut mutations =
        vec![format!("grant usage on schema {name} to anon"), format!("grant usage on schema {name} to public")];
    mutations.extend(ROLES.iter().map(|role| format!("grant create on schema {name} to {role}")));
    Subject { object: format!("schema {name}"), noun: "schemas", trials, mutations }
}

pub(super) fn sequence(sequence: &Sequence, who: Who, actors: &[Actor]) -> Subject {
    let name = sequence.sql();
    let quoted = literal(&name);
    // What a sequence gave stays given when a transaction is undone, so a value is drawn only by those who should not.
    let grants = format!(
        "select string_agg(r || ' ' || p, ', ' order by r, p) from unnest({}) r, unnest(array['USAGE', 'SELECT', 'UPDATE']) p \
         where has_sequence_privilege(r, {quoted}, p)",
        text_array(&ROLES)
    );
    let expected = match who {
        Who::Nobody => None,
        Who::Service => Some("service_role USAGE".to_owned()),
        _ => Some("authenticated USAGE, service_role USAGE".to_owned()),
    };
    let mut trials = vec![Trial::fact("grants", grants, expected)];
    for actor in actors {
        let may = who != Who::Nobody && (actor.role == "service_role" || actor.is_person() && who.are_people());
        if !may {
            trials.push(Trial::by(actor, "draw a value", format!("select nextval({quoted})"), Expects::Refusal));
        }
        trials.push(Trial::by(actor, "select", format!("select last_value from {name}"), Expects::Refusal));
    }
    let mut mutations = Vec::new();
    for role in ROLES {
        for privilege in ["usage", "select", "update"] {
            if privilege != "usage" || who == Who::Nobody || role == "anon" {
                mutations.push(format!("grant {privilege} on sequence {name} to {role}"));
            }
        }
    }
    Subject { object: sequence.key(), noun: "sequences", trials, mutations }
}

/// An object without a line.
pub(super) fn unstated(noun: &str, name: &str) -> Failure {
    Failure::unstated(name, format!("nobody has stated who may do what with the {noun} {name}"))
}

/// Lines without an object.
pub(super) fn without_object<'a>(
    failures: &mut Vec<Failure>,
    noun: &str,
    stated: impl Iterator<Item = &'a String>,
    found: impl Iterator<Item = String>,
) {
    let found: std::collections::BTreeSet<String> = found.collect();
    for name in stated.filter(|name| !found.contains(*name)) {
        failures.push(Failure::unstated(name, format!("there is no {noun} {name}, of which something is stated")));
    }
}

/// What makes a relation's trials say nothing.
pub(super) fn unprovable(relation: &Relation, stated: &expectations::Relation, measured: &Measured) -> Option<Failure> {
    let name = relation.key();
    let says = |sentence: String| Some(Failure::unstated(&name, sentence));
    if stated.reads.are_people() && matches!(relation.kind, 'm' | 'f') {
        return says(format!("{name} can have no row level security: people must not read it by its name"));
    }
    if let Some(column) = stated.org_column()
        && !relation.partition
        && measured.rows[..2].contains(&0)
    {
        return says(format!(
            "{name} has no sample rows of both organisations, told apart by {column}: add some to db/samples"
        ));
    }
    let known = |column: &&String| !relation.columns.iter().any(|c| &c.name == *column);
    let columns = stated.hidden.iter().chain(&stated.insertable).chain(&stated.updatable);
    if let Some(column) = columns.into_iter().find(known) {
        return says(format!("{name} has no column {column}, of which something is stated"));
    }
    None
}

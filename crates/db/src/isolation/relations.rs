//! Trials of tables, views and partitions: who reads which rows and columns, and who writes what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::actors::{Actor, Ids, Org};
use super::catalogue::{Relation, ident, literal};
use super::expectations::{self, Who};
use super::trials::{Expects, Trial};

/// Privileges of a whole relation that are looked up.
const PRIVILEGES: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
/// The roles of requests.
pub(super) const ROLES: [&str; 3] = ["anon", "authenticated", "service_role"];

/// A sample row and which of the stated conditions it fulfils.
#[derive(Debug, Clone)]
pub(super) struct SampleRow {
    pub org: Org,
    pub json: String,
    /// Who is stated to write it: the command, the role, and the phrase for the actor.
    pub fits: BTreeSet<(&'static str, Who, &'static str)>,
}

/// What was found in a relation before anybody tried anything.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    /// Rows of a, of b, and of no org.
    pub rows: [i64; 3],
    pub samples: Vec<SampleRow>,
}

/// A relation, what is stated of it, and what it held.
pub(super) struct Tried<'a> {
    pub relation: &'a Relation,
    pub stated: &'a expectations::Relation,
    pub measured: &'a Measured,
    pub ids: &'a Ids,
    pub actors: &'a [Actor],
    /// SQL that answers something else once rows of a, or of b, were changed.
    pub watches: &'a [String; 2],
}

/// The condition that a row is the org's; none where the relation has no such rows.
pub(super) fn belongs(stated: &expectations::Relation, ids: &Ids, org: Org) -> Option<String> {
    let column = stated.org_column()?;
    let values = if column == "user_id" {
        (1..=5).map(|digit| literal(&ids.user(org, digit))).collect::<Vec<_>>().join(", ")
    } else {
        literal(&ids.org(org))
    };
    Some(format!("x.{} in ({values})", ident(column)))
}

/// Counts rows of a, of b and of no org, as the server.
pub(super) fn measure(relation: &Relation, stated: &expectations::Relation, ids: &Ids) -> Option<String> {
    let (a, b) = (belongs(stated, ids, Org::A)?, belongs(stated, ids, Org::B)?);
    let column = ident(stated.org_column()?);
    let table = relation.sql();
    Some(format!(
        "select array[(select count(*) from {table} x where {a}), (select count(*) from {table} x where {b}), \
         (select count(*) from (select from {table} x where x.{column} is null limit 1000) n)]"
    ))
}

/// The sample rows as JSON, and which of the [`conditions`] each fulfils, by position.
pub(super) fn samples(
    relation: &Relation,
    stated: &expectations::Relation,
    ids: &Ids,
    actors: &[Actor],
    org: Org,
) -> Option<String> {
    let conditions: Vec<String> =
        conditions(stated, actors).iter().map(|(_, sql)| format!("coalesce(({sql}), false)")).collect();
    Some(format!(
        "select to_jsonb(x)::text, array[{}]::boolean[] from {} x where {} limit 20",
        conditions.join(", "),
        relation.sql(),
        belongs(stated, ids, org)?
    ))
}

/// What rows must fulfil to be written by whom.
pub(super) fn conditions(
    stated: &expectations::Relation,
    actors: &[Actor],
) -> Vec<((&'static str, Who, &'static str), String)> {
    let mut all = Vec::new();
    for (command, roles) in [("insert", &stated.inserts), ("update", &stated.updates), ("delete", &stated.deletes)] {
        for (who, condition) in roles {
            for actor in actors.iter().filter(|a| a.is_person()) {
                let id = actor.user.as_ref().map_or_else(|| "null::uuid".to_owned(), |id| format!("'{id}'::uuid"));
                all.push(((command, *who, actor.phrase), condition.replace("$actor", &id)));
            }
        }
    }
    all
}

impl Tried<'_> {
    pub(super) fn trials(&self) -> Vec<Trial> {
        let mut trials = self.facts();
        for actor in self.actors {
            trials.push(self.select(actor));
            trials.extend(self.inserts(actor));
            trials.extend(self.updates_and_deletes(actor));
        }
        if let Some(owner) = self.actors.iter().find(|a| a.rank(Org::A) == 4 && a.is_person()) {
            trials.extend(self.columns(owner));
        }
        trials
    }

    fn facts(&self) -> Vec<Trial> {
        let regclass = literal(&self.relation.sql());
        let mut trials = Vec::new();
        if self.relation.is_table() {
            let sql = format!("select relrowsecurity from pg_class where oid = {regclass}::regclass");
            trials.push(Trial::fact("row level security", sql, Some("true".into())));
            // A policy for what nobody is stated to do, or for another role, waits for a grant to become a hole.
            let commands = format!(
                "select string_agg(distinct polcmd::text, '' order by polcmd::text) from pg_policy where polrelid = {regclass}::regclass"
            );
            trials.push(Trial::fact("policies, by the commands they allow", commands, self.policy_commands()));
            let others = format!(
                "select count(*) from pg_policy where polrelid = {regclass}::regclass and polroles <> array[to_regrole('authenticated')::oid]"
            );
            trials.push(Trial::fact("policies for other roles than authenticated", others, Some("0".into())));
        } else if self.relation.kind == 'v' {
            let sql = format!(
                "select coalesce((select option_value::boolean from pg_options_to_table(c.reloptions) where option_name = 'security_invoker'), false) \
                 from pg_class c where oid = {regclass}::regclass"
            );
            trials.push(Trial::fact("security_invoker", sql, Some("true".into())));
        }
        let privileges = format!(
            "select string_agg(r || ' ' || p, ', ' order by i, j) from unnest({roles}) with ordinality r (r, i), \
             unnest({all}) with ordinality p (p, j) \
             where case when p in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege(r, {regclass}, p) \
             else has_table_privilege(r, {regclass}, p) end",
            roles = text_array(&ROLES),
            all = text_array(&PRIVILEGES),
        );
        trials.push(Trial::fact("grants", privileges, self.grants()));
        for (privilege, columns) in [
            ("SELECT", self.readable()),
            ("INSERT", self.stated.insertable.clone()),
            ("UPDATE", self.stated.updatable.clone()),
        ] {
            let sql = format!(
                "select string_agg(attname, ', ' order by attname) from pg_attribute where attrelid = {regclass}::regclass \
                 and attnum > 0 and not attisdropped and has_column_privilege('authenticated', attrelid, attnum, '{privilege}')"
            );
            let mut columns = columns;
            columns.sort_unstable();
            let expected = (!columns.is_empty()).then(|| columns.join(", "));
            trials.push(Trial::fact(format!("columns to {}", privilege.to_lowercase()), sql, expected));
        }
        trials
    }

    fn policy_commands(&self) -> Option<String> {
        let mut commands = String::new();
        for (letter, has) in [
            ('a', !self.stated.inserts.is_empty()),
            ('d', !self.stated.deletes.is_empty()),
            ('r', self.stated.reads.are_people()),
            ('w', !self.stated.updates.is_empty()),
        ] {
            if has {
                commands.push(letter);
            }
        }
        (!commands.is_empty()).then_some(commands)
    }

    fn grants(&self) -> Option<String> {
        let mut all: Vec<String> = Vec::new();
        let people = [
            self.stated.reads.are_people(),
            !self.stated.inserts.is_empty(),
            !self.stated.updates.is_empty(),
            !self.stated.deletes.is_empty(),
        ];
        for (privilege, may) in PRIVILEGES.iter().zip(people) {
            if may {
                all.push(format!("authenticated {privilege}"));
            }
        }
        for privilege in &PRIVILEGES[..4] {
            if self.stated.service_may(&privilege.to_lowercase(), self.relation.is_table()) {
                all.push(format!("service_role {privilege}"));
            }
        }
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// Columns that people read.
    fn readable(&self) -> Vec<String> {
        if !self.stated.reads.are_people() {
            return Vec::new();
        }
        let all = self.relation.columns.iter().map(|c| c.name.clone());
        all.filter(|name| !self.stated.hidden.contains(name)).collect()
    }

    fn select(&self, actor: &Actor) -> Trial {
        let table = self.relation.sql();
        if actor.role == "service_role" {
            let may = self.stated.service_may("select", self.relation.is_table());
            let (sql, expects) = match self.counts(false) {
                Some(sql) if may => {
                    let [a, b, _] = self.measured.rows;
                    (sql, Expects::Answer(Some(format!("{a} of a, {b} of b"))))
                }
                _ if may => (format!("select 1 from {table} limit 1"), Expects::Success),
                _ => (format!("select 1 from {table} limit 1"), Expects::Refusal),
            };
            return Trial::by(actor, "select", sql, expects);
        }
        if !actor.is_person() || !self.stated.reads.are_people() {
            return Trial::by(actor, "select", format!("select 1 from {table} limit 1"), Expects::Refusal);
        }
        let Some(sql) = self.counts(true) else {
            return Trial::by(actor, "select", format!("select 1 from {table} limit 1"), Expects::Success);
        };
        let [a, b, shared] = self.measured.rows;
        let of = |org, count| if self.stated.reads.includes(actor.rank(org)) { count } else { 0 };
        // The rows of a person's own id are those of their organisation.
        let expected = format!(
            "{} of a, {} of b, {} of none, others: f",
            of(Org::A, a),
            of(Org::B, b),
            if self.stated.shared { shared } else { 0 },
        );
        Trial::by(actor, "select", sql, Expects::Answer(Some(expected)))
    }

    /// Counts rows by org, reading every readable column of the sample rows.
    fn counts(&self, as_person: bool) -> Option<String> {
        let (a, b) = (belongs(self.stated, self.ids, Org::A)?, belongs(self.stated, self.ids, Org::B)?);
        let table = self.relation.sql();
        let org = ident(self.stated.org_column()?);
        if !as_person {
            return Some(format!(
                "select format('%s of a, %s of b', (select count(*) from {table} x where {a}), (select count(*) from {table} x where {b}))"
            ));
        }
        let columns = self.readable().iter().map(|c| format!("x.{}", ident(c))).collect::<Vec<_>>().join(", ");
        Some(format!(
            "select format('%s of a, %s of b, %s of none, others: %s', \
             (select count(row({columns})::text) from {table} x where {a}), (select count(row({columns})::text) from {table} x where {b}), \
             (select count(*) from (select from {table} x where x.{org} is null limit 1000) n), \
             exists (select from {table} x where not ({a}) and not ({b})))"
        ))
    }

    fn inserts(&self, actor: &Actor) -> Vec<Trial> {
        let table = self.relation.sql();
        let nothing = format!("insert into {table} default values");
        if actor.role == "service_role" {
            if !self.stated.service_may("insert", self.relation.is_table()) {
                return vec![Trial::by(actor, "insert", nothing, Expects::Refusal)];
            }
            let all: Vec<&str> =
                self.relation.columns.iter().filter(|c| !c.generated).map(|c| c.name.as_str()).collect();
            let row = self.measured.samples.first();
            return row
                .map(|row| Trial::by(actor, "insert", self.copy(row, &all), Expects::Permission))
                .into_iter()
                .collect();
        }
        if !actor.is_person() || self.stated.inserts.is_empty() {
            return vec![Trial::by(actor, "insert", nothing, Expects::Refusal)];
        }
        let columns: Vec<&str> = self.stated.insertable.iter().map(String::as_str).collect();
        let trial = |row: &SampleRow| {
            let may = self.may("insert", &self.stated.inserts, row, actor);
            let command = format!("insert a row of organisation {:?}", row.org);
            let expects = if may { Expects::Permission } else { Expects::Refusal };
            Trial::by(actor, command, self.copy(row, &columns), expects)
        };
        self.measured.samples.iter().map(trial).collect()
    }

    /// Whether a stated role lets the actor write this row.
    fn may(&self, command: &'static str, roles: &BTreeMap<Who, String>, row: &SampleRow, actor: &Actor) -> bool {
        roles.keys().any(|who| who.includes(actor.rank(row.org)) && row.fits.contains(&(command, *who, actor.phrase)))
    }

    /// An insert of the same row again. Policies are asked before keys, so a duplicate means that it was allowed.
    fn copy(&self, row: &SampleRow, columns: &[&str]) -> String {
        let names = columns.iter().map(|c| ident(c)).collect::<Vec<_>>().join(", ");
        let table = self.relation.sql();
        let overriding = if self.relation.is_table() { "overriding system value " } else { "" };
        format!(
            "insert into {table} ({names}) {overriding}select {names} from jsonb_populate_record(null::{table}, {})",
            literal(&row.json)
        )
    }

    fn updates_and_deletes(&self, actor: &Actor) -> Vec<Trial> {
        let table = self.relation.sql();
        let mut trials = Vec::new();
        for (command, roles) in [("update", &self.stated.updates), ("delete", &self.stated.deletes)] {
            let own = (command == "update").then(|| self.stated.updatable.first().map(String::as_str)).flatten();
            let column = own.or_else(|| self.relation.columns.iter().find(|c| !c.generated).map(|c| c.name.as_str()));
            let Some(column) = column.map(ident) else { continue };
            let sql = |what: &str| match command {
                "update" => format!("update {table} x set {column} = x.{column} where {what}"),
                _ => format!("delete from {table} x where {what}"),
            };
            if actor.role == "service_role" {
                let may = self.stated.service_may(command, self.relation.is_table());
                let expects = if may { Expects::Permission } else { Expects::Refusal };
                trials.push(Trial::by(actor, command, sql("false"), expects));
                continue;
            }
            if !actor.is_person() || roles.is_empty() {
                trials.push(Trial::by(actor, command, sql("false"), Expects::Refusal));
                continue;
            }
            for org in [Org::A, Org::B] {
                let Some(of_org) = belongs(self.stated, self.ids, org) else { continue };
                let rows = self.measured.samples.iter().filter(|row| row.org == org);
                let count = rows.filter(|row| self.may(command, roles, row, actor)).count();
                let counted = format!("with done as ({} returning 1) select count(*) from done", sql(&of_org));
                let expects = Expects::Answer(Some(count.to_string()));
                trials.push(Trial::by(actor, format!("{command} rows of organisation {org:?}"), counted, expects));
            }
            trials.extend((command == "update").then(|| self.give_away(actor)).flatten());
        }
        trials
    }

    /// Rows of a, to become rows of b.
    fn give_away(&self, actor: &Actor) -> Option<Trial> {
        let org = self.stated.org_column().filter(|org| self.stated.updatable.iter().any(|c| c == org))?;
        let sql = format!(
            "with done as (update {} x set {} = {} where {} returning 1) select count(*) from done",
            self.relation.sql(),
            ident(org),
            literal(&self.ids.org(Org::B)),
            belongs(self.stated, self.ids, Org::A)?
        );
        let trial = Trial::by(actor, "give rows to another organisation", sql, Expects::Harmless);
        (actor.rank(Org::B) == 0).then(|| trial.watching(Some(&self.watches[Org::B as usize])))
    }

    /// Column by column, as the actor with the most rights.
    fn columns(&self, owner: &Actor) -> Vec<Trial> {
        let table = self.relation.sql();
        let readable = self.readable();
        let mut trials = Vec::new();
        for column in &self.relation.columns {
            let name = ident(&column.name);
            for (command, sql, may) in [
                ("select", format!("select {name} from {table} where false"), readable.contains(&column.name)),
                (
                    "insert",
                    format!("insert into {table} ({name}) select null where false"),
                    self.stated.insertable.contains(&column.name),
                ),
                (
                    "update",
                    format!("update {table} set {name} = null where false"),
                    self.stated.updatable.contains(&column.name),
                ),
            ] {
                let expects = if may { Expects::Permission } else { Expects::Refusal };
                trials.push(Trial::by(owner, format!("{command} column {}", column.name), sql, expects));
            }
        }
        trials
    }

    /// Changes to the relation that one of its trials must notice.
    pub(super) fn mutations(&self) -> Vec<String> {
        let table = self.relation.sql();
        let mut all = Vec::new();
        if self.relation.is_table() {
            all.push(format!("alter table {table} disable row level security"));
            for command in ["select", "insert", "update", "delete"] {
                let clause = if command == "insert" { "WITH CHECK" } else { "USING" };
                all.push(format!(
                    "create policy isolation_hole on {table} for {command} to authenticated {clause} (true)"
                ));
            }
            all.push(format!("create policy isolation_hole on {table} to public using (true)"));
        }
        for policy in &self.relation.policies {
            let name = ident(&policy.name);
            all.push(format!("drop policy {name} on {table}"));
            if policy.has_using {
                all.push(format!("alter policy {name} on {table} using (true)"));
            }
            // Where nobody can give a row to another organisation, an update's check repeats what its USING said.
            let moves = self.stated.org_column().is_some_and(|org| self.stated.updatable.iter().any(|c| c == org));
            if policy.has_check && (policy.command != 'w' || moves) {
                all.push(format!("alter policy {name} on {table} with check (true)"));
            }
            all.push(format!("alter policy {name} on {table} to public"));
        }
        if self.relation.kind == 'v' {
            all.push(format!("alter view {table} set (security_invoker = off)"));
            all.push(format!("alter view {table} reset (security_invoker)"));
        }
        let granted = self.grants().unwrap_or_default();
        let granted: Vec<&str> = granted.split(", ").collect();
        for role in ROLES {
            for privilege in PRIVILEGES {
                if !granted.contains(&format!("{role} {privilege}").as_str()) {
                    all.push(format!("grant {privilege} on {table} to {role}"));
                }
            }
        }
        all.push(format!("grant select on {table} to public"));
        let readable = self.readable();
        for column in &self.relation.columns {
            let name = ident(&column.name);
            if !readable.contains(&column.name) {
                all.push(format!("grant select ({name}) on {table} to authenticated"));
            }
            for (command, stated) in [("insert", &self.stated.insertable), ("update", &self.stated.updatable)] {
                if !stated.contains(&column.name) {
                    all.push(format!("grant {command} ({name}) on {table} to authenticated"));
                }
            }
        }
        all
    }
}

/// Strings as a SQL array.
pub(super) fn text_array(values: &[&str]) -> String {
    let mut sql = String::from("array[");
    for (i, value) in values.iter().enumerate() {
        let _ = write!(sql, "{}{}", if i > 0 { ", " } else { "" }, literal(value));
    }
    sql + "]::text[]"
}

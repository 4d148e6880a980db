//! Trials of functions: who may call them, and what they answer about rows of whose organisation.

use std::collections::{BTreeMap, BTreeSet};

use super::actors::{Actor, Ids, Org};
use super::catalogue::{Argument, Catalogue, Function, literal};
use super::expectations::{Call, Who};
use super::relations::{ROLES, text_array};
use super::trials::{Expects, Trial};

/// A value of an argument: the same whoever asks, or an id of each organisation.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Fixed(String),
    /// Of a, of b, and one that nobody has.
    Owned([String; 3]),
}

/// Values by the SQL that makes them.
pub(super) type Values = BTreeMap<String, Value>;

/// A function, what is stated of it, and what it can be called with.
pub(super) struct Tried<'a> {
    pub function: &'a Function,
    pub calls: &'a [Call],
    pub arguments: &'a BTreeMap<String, String>,
    pub values: &'a Values,
    pub ids: &'a Ids,
    pub actors: &'a [Actor],
    /// SQL that answers something else once rows of a, or of b, were changed.
    pub watches: &'a [String; 2],
}

/// The SQL of an argument's value as stated; none where it is left to its default. Somebody's ids are always passed.
pub(super) fn stated<'a>(
    call: &'a Call,
    arguments: &'a BTreeMap<String, String>,
    argument: &Argument,
) -> Result<Option<&'a str>, String> {
    match call.with.get(&argument.name).or_else(|| arguments.get(&argument.name)) {
        Some(sql) if call.with.contains_key(&argument.name) || !argument.optional || is_owned(sql) => Ok(Some(sql)),
        _ if argument.optional => Ok(None),
        _ => Err(format!(
            "there is no value for its argument {}: state one under [arguments], or by `with`",
            argument.name
        )),
    }
}

/// Whether a stated value is run for each organisation.
pub(super) fn is_owned(sql: &str) -> bool {
    sql.trim_start().starts_with("select ")
}

impl Tried<'_> {
    pub(super) fn trials(&self) -> Vec<Trial> {
        let mut trials = self.facts();
        for actor in self.actors {
            let may = if actor.role == "service_role" { self.callers() != Who::Nobody } else { self.may_call(actor) };
            let expects = if may { Expects::Permission } else { Expects::Refusal };
            trials.push(Trial::by(actor, "execute", self.without_running(), expects));
        }
        for call in self.calls.iter().filter(|call| call.role.are_people()) {
            for actor in self.actors.iter().filter(|a| a.is_person()) {
                trials.extend(self.call(call, actor));
            }
        }
        trials
    }

    /// The widest of the stated calls.
    fn callers(&self) -> Who {
        self.calls.iter().map(|call| call.role).min().unwrap_or(Who::Nobody)
    }

    fn may_call(&self, actor: &Actor) -> bool {
        actor.is_person() && self.callers().are_people()
    }

    fn facts(&self) -> Vec<Trial> {
        let signature = literal(&self.function.signature);
        let mut granted = Vec::new();
        if self.callers().are_people() {
            granted.push("authenticated");
        }
        if self.callers() != Who::Nobody {
            granted.push("service_role");
        }
        let grants = format!(
            "select string_agg(r, ', ' order by r) from unnest({}) r where has_function_privilege(r, {signature}, 'execute')",
            text_array(&ROLES)
        );
        let pinned = format!(
            "select coalesce(bool_or(s in ('search_path=', 'search_path=\"\"')), false) from pg_proc, unnest(proconfig) s \
             where oid = {signature}::regprocedure"
        );
        vec![
            Trial::fact("grants to execute", grants, (!granted.is_empty()).then(|| granted.join(", "))),
            Trial::fact("search_path is pinned and empty", pinned, Some("true".into())),
        ]
    }

    /// A call that is checked and prepared, and for want of rows never made.
    fn without_running(&self) -> String {
        let columns: Vec<String> = self
            .function
            .arguments
            .iter()
            .enumerate()
            .map(|(n, argument)| format!("null::{} as a{n}", argument.of_type))
            .collect();
        let passed: Vec<String> = (0..columns.len()).map(|n| format!("a.a{n}")).collect();
        let from = if columns.is_empty() { "1 as nothing".to_owned() } else { columns.join(", ") };
        let call = format!("{}({})", self.function.sql(), passed.join(", "));
        format!("select {call}::text from (select {from} offset 0) a where random() < 0")
    }

    fn call(&self, call: &Call, actor: &Actor) -> Vec<Trial> {
        // Without a person, or by a token where only people may: no role at all.
        let rank = |org| if call.tokens || !actor.by_token { actor.rank(org) } else { 0 };
        let owned = self.owned(call);
        if owned.is_empty() {
            return self.call_without_ids(call, actor);
        }
        let mut trials = Vec::new();
        for org in [Org::A, Org::B] {
            let other = self.sql(call, |_| org as usize);
            let absent = self.sql(call, |_| 2);
            let (Some(sql), Some(reference)) = (other, absent) else { continue };
            let (command, expects) = match rank(org) {
                0 => ("call with ids of another organisation", Expects::AsAbsent),
                rank if call.role.includes(rank) => ("call with ids of its organisation", Expects::ItsOwn),
                _ => ("call with a role that does not suffice", Expects::RefusalOrAsAbsent),
            };
            // An outsider changes nothing there, and a member nothing elsewhere.
            let watched = if rank(org) == 0 { org } else { org.other() };
            let watch = self.function.volatile.then(|| self.watches[watched as usize].as_str());
            trials.push(Trial::by(actor, command, sql, expects).beside(reference).watching(watch));
        }
        // Its own ids, with another organisation's in one place: must not join what does not belong together.
        let own = if rank(Org::A) > 0 { Org::A } else { Org::B };
        if owned.len() > 1 && call.role.includes(rank(own)) && rank(own.other()) == 0 {
            for place in &owned {
                let with =
                    |strange: usize| self.sql(call, |name| if name == place.as_str() { strange } else { own as usize });
                let (Some(sql), Some(reference)) = (with(own.other() as usize), with(2)) else { continue };
                let command = format!("call with {place} of another organisation among its own ids");
                let watch = self.function.volatile.then(|| self.watches[own.other() as usize].as_str());
                trials.push(Trial::by(actor, command, sql, Expects::AsAbsent).beside(reference).watching(watch));
            }
        }
        trials
    }

    fn call_without_ids(&self, call: &Call, actor: &Actor) -> Vec<Trial> {
        let Some(sql) = self.sql(call, |_| 0) else { return Vec::new() };
        if call.pure {
            return vec![Trial::by(actor, "call", sql, Expects::Success)];
        }
        if call.role == Who::Anyone {
            let may = actor.signed_in && (call.tokens || !actor.by_token);
            let expects = if may { Expects::Permission } else { Expects::Refusal };
            let watches = [Org::A, Org::B].iter().filter(|org| actor.rank(**org) == 0);
            let watch = watches.map(|org| self.watches[*org as usize].as_str()).next();
            return vec![Trial::by(actor, "call", sql, expects).watching(watch.filter(|_| self.function.volatile))];
        }
        let shows = |org| format!("answer ~ {}", literal(&self.ids.pattern(org)));
        let sees = |org| call.role.includes(actor.rank(org));
        let looked = format!(
            "select format('rows of a: %s, of b: %s', coalesce({}, false), coalesce({}, false)) from ({sql}) s (answer)",
            shows(Org::A),
            shows(Org::B)
        );
        let expected = format!("rows of a: {}, of b: {}", mark(sees(Org::A)), mark(sees(Org::B)));
        vec![Trial::by(actor, "call", looked, Expects::Answer(Some(expected)))]
    }

    /// Names of the arguments that hold somebody's ids.
    fn owned(&self, call: &Call) -> Vec<String> {
        let mut names = Vec::new();
        for argument in &self.function.arguments {
            if let Ok(Some(sql)) = stated(call, self.arguments, argument)
                && is_owned(sql)
            {
                names.push(argument.name.clone());
            }
        }
        names
    }

    /// The call as SQL; `whose` says for an argument whether it takes a's id (0), b's (1), or nobody's (2). None where a
    /// value is missing, which is reported once for the function and not for every trial.
    fn sql(&self, call: &Call, whose: impl Fn(&str) -> usize) -> Option<String> {
        let mut passed = Vec::new();
        for argument in &self.function.arguments {
            let Some(sql) = stated(call, self.arguments, argument).ok()? else { continue };
            let value = match self.values.get(sql)? {
                Value::Fixed(value) => value.clone(),
                Value::Owned(values) => literal(&values[whose(&argument.name)]),
            };
            passed.push(format!("\"{}\" => ({value})::{}", argument.name, argument.of_type));
        }
        let call = format!("{}({})", self.function.sql(), passed.join(", "));
        Some(format!("select count(*) || ' ' || coalesce(string_agg(r::text, ' '), '') from {call} r"))
    }

    /// Changes to the function, or to those that check for it, that one of its trials must notice.
    pub(super) fn mutations(&self, catalogue: &Catalogue) -> Vec<String> {
        let (function, signature) = (self.function, &self.function.signature);
        let mut all = vec![format!("alter function {signature} reset search_path")];
        let missing = match self.callers() {
            Who::Nobody => &["anon", "authenticated", "service_role", "public"][..],
            Who::Service => &["anon", "authenticated", "public"][..],
            _ => &["anon", "public"][..],
        };
        all.extend(missing.iter().map(|role| format!("grant execute on function {signature} to {role}")));
        if !self.callers().are_people() || self.calls.iter().all(|call| call.pure) {
            return all;
        }
        if !function.definer {
            all.push(format!("alter function {signature} security definer"));
        }
        // Triggers check once more what is written: without that, the function's own check stands alone.
        let triggers: String = catalogue
            .functions
            .iter()
            .filter(|f| f.is_trigger && CHECKS.iter().any(|check| f.body().contains(check)))
            .map(|f| without_checks(&f.definition) + ";\n")
            .collect();
        let mut broken = with_lower_roles(&function.definition);
        for checking in checkers(function, catalogue) {
            broken.push(without_checks(&checking.definition));
            if checking.signature != function.signature {
                broken.extend(with_lower_roles(&checking.definition));
            }
        }
        all.extend(broken.iter().map(|broken| format!("{triggers}{broken}")));
        all
    }
}

const fn mark(shown: bool) -> &'static str {
    if shown { "t" } else { "f" }
}

const CHECKS: [&str; 2] = ["registry.require_role(", "registry.has_role("];
/// What a function that checks roles is called by.
const ROLE_TAKERS: [&str; 3] = ["require_role(", "has_role(", "ops.org_of_"];

/// The functions that check the role on behalf of this one: itself, or the first below it that do.
fn checkers<'a>(function: &'a Function, catalogue: &'a Catalogue) -> Vec<&'a Function> {
    let mut seen = BTreeSet::new();
    let (mut open, mut found) = (vec![function], Vec::new());
    while let Some(next) = open.pop() {
        if !seen.insert(&next.signature) || next.key().starts_with("registry.") && !std::ptr::eq(next, function) {
            continue;
        }
        if CHECKS.iter().any(|check| next.body().contains(check)) {
            found.push(next);
        } else {
            open.extend(catalogue.functions.iter().filter(|other| next.calls(other)));
        }
    }
    found
}

fn without_checks(definition: &str) -> String {
    let (head, body) = split(definition);
    let body = body
        .replace("registry.require_role(", "pg_temp.isolation_require_role(")
        .replace("registry.has_role(", "pg_temp.isolation_has_role(");
    format!("{head}{body}")
}

/// One definition for each role that is asked for, with the next lower role in its place.
fn with_lower_roles(definition: &str) -> Vec<String> {
    let (head, body) = split(definition);
    let mut all = Vec::new();
    for (role, lower) in [("'owner'", "'admin'"), ("'admin'", "'developer'"), ("'developer'", "'viewer'")] {
        let mut from = 0;
        while let Some(at) = ROLE_TAKERS.iter().filter_map(|taker| body[from..].find(taker)).min() {
            let start = from + at;
            let end = body[start..].find(';').map_or(body.len(), |semicolon| start + semicolon);
            if let Some(found) = body[start..end].find(role) {
                let (before, after) = (&body[..start + found], &body[start + found + role.len()..]);
                all.push(format!("{head}{before}{lower}{after}"));
            }
            from = end;
        }
    }
    all
}

fn split(definition: &str) -> (&str, &str) {
    definition.split_at(definition.find("\nAS ").unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = "CREATE FUNCTION ops.f() RETURNS void\nAS $$\nbegin\n  \
        perform registry.require_role((select x from y), 'admin', 'project');\n  \
        v := ops.org_of_build(p_build_id, 'developer');\n  perform ops.audit(v, 'admin');\nend $$";

    #[test]
    fn every_role_asked_for_is_lowered_alone() {
        let all = with_lower_roles(DEFINITION);
        assert_eq!(all.len(), 2, "{all:#?}");
        assert!(all[0].contains("y), 'developer', 'project'") && all[0].contains("p_build_id, 'developer'"));
        assert!(all[1].contains("y), 'admin', 'project'") && all[1].contains("p_build_id, 'viewer'"));
        assert!(all.iter().all(|one| one.contains("ops.audit(v, 'admin')")));
    }

    #[test]
    fn checks_are_taken_out_of_the_body_alone() {
        let broken = without_checks(DEFINITION);
        assert!(broken.contains("pg_temp.isolation_require_role((select") && !broken.contains("registry.require_role"));
    }
}

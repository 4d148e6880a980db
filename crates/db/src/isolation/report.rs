//! What the proof found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::trials::Subject;

/// How much of one kind of object was proven.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    pub objects: usize,
    pub trials: usize,
    pub failures: usize,
    pub mutations: usize,
    pub caught: usize,
}

/// A trial that ended otherwise than stated, or an object without a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub object: String,
    pub actor: String,
    pub command: String,
    pub expected: String,
    pub found: String,
    /// The statement that was tried; empty where none was.
    pub sql: String,
    /// All of it in words.
    pub sentence: String,
}

impl Failure {
    /// Something about an object that needs no trial to be wrong.
    pub(super) fn unstated(object: &str, sentence: String) -> Self {
        Self {
            object: object.to_owned(),
            actor: String::new(),
            command: String::new(),
            expected: "a line in db/isolation/expectations.toml".into(),
            found: String::new(),
            sql: String::new(),
            sentence,
        }
    }
}

/// A change that was made to show that the proof notices it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mutation {
    pub object: String,
    pub sql: String,
    /// Who noticed it, trying what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noticed_by: Option<String>,
    /// Why it could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mutations {
    pub count: usize,
    pub caught: usize,
    pub missed: Vec<Mutation>,
    /// Could not be made, because others held the locks for too long.
    pub busy: Vec<Mutation>,
    /// How each of the others was noticed.
    pub noticed: Vec<Mutation>,
}

/// The proof of isolation of one database.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub holds: bool,
    pub server_version: String,
    /// The role that ran it.
    pub login_role: String,
    /// By kind of object.
    pub kinds: BTreeMap<String, Count>,
    pub total: Count,
    pub failures: Vec<Failure>,
    /// None where mutations were left out.
    pub mutations: Option<Mutations>,
    pub seconds: f64,
}

/// Gathers it.
pub(super) struct Builder {
    kinds: BTreeMap<String, Count>,
    failures: Vec<Failure>,
    pub mutations: Option<Mutations>,
    counted: (usize, usize),
}

impl Builder {
    pub(super) fn new(failures: Vec<Failure>) -> Self {
        Self { kinds: BTreeMap::new(), failures, mutations: None, counted: (0, 0) }
    }

    pub(super) fn failed(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// The trials of an object ended, `otherwise` than expected where it says so.
    pub(super) fn tried(&mut self, subject: &Subject, otherwise: Vec<(usize, Option<String>)>) {
        let count = self.kinds.entry(subject.noun.to_owned()).or_default();
        count.objects += 1;
        count.trials += subject.trials.len();
        count.failures += otherwise.len();
        for (index, found) in otherwise {
            let trial = &subject.trials[index];
            let (expected, found) = (trial.expects.phrase(), found.unwrap_or_else(|| "nothing".into()));
            let sentence =
                format!("{}: {}, {}: expected {expected}, found {found}", subject.object, trial.actor, trial.command);
            self.failures.push(Failure {
                object: subject.object.clone(),
                actor: trial.actor.to_owned(),
                command: trial.command.clone(),
                expected,
                found,
                sql: trial.sql.clone(),
                sentence,
            });
        }
    }

    /// The mutations of an object were tried; `so_far` counts those of the objects before as well.
    pub(super) fn mutated(&mut self, subject: &Subject, so_far: &Mutations) {
        let count = self.kinds.entry(subject.noun.to_owned()).or_default();
        count.mutations += so_far.count - self.counted.0;
        count.caught += so_far.caught - self.counted.1;
        self.counted = (so_far.count, so_far.caught);
    }

    pub(super) fn finish(self, server_version: String, login_role: String, seconds: f64) -> Report {
        let mut total = Count::default();
        for count in self.kinds.values() {
            total.objects += count.objects;
            total.trials += count.trials;
            total.failures += count.failures;
            total.mutations += count.mutations;
            total.caught += count.caught;
        }
        let all_noticed = self.mutations.as_ref().is_none_or(|m| m.caught == m.count);
        Report {
            holds: self.failures.is_empty() && all_noticed,
            server_version,
            login_role,
            kinds: self.kinds,
            total,
            failures: self.failures,
            mutations: self.mutations,
            seconds,
        }
    }
}

//! One thing that somebody tries, and how it should end.

use serde::Serialize;

use super::actors::Actor;

/// How a trial should end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expects {
    /// With exactly this.
    Answer(Option<String>),
    Refusal,
    /// Not refused; any other error comes later than the question who may.
    Permission,
    /// Changes nothing of what is watched, whether it is refused or not.
    Harmless,
    Success,
    /// Succeeds, and not as for ids that do not exist.
    ItsOwn,
    /// Just as for ids that do not exist.
    AsAbsent,
    RefusalOrAsAbsent,
}

impl Expects {
    const fn name(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Refusal => "refusal",
            Self::Permission => "permission",
            Self::Harmless => "harmless",
            Self::Success => "success",
            Self::ItsOwn => "its_own",
            Self::AsAbsent => "as_absent",
            Self::RefusalOrAsAbsent => "refusal_or_as_absent",
        }
    }

    /// As in "expected …".
    pub(super) fn phrase(&self) -> String {
        match self {
            Self::Answer(None) => "nothing".into(),
            Self::Answer(Some(value)) => value.clone(),
            Self::Refusal => "a refusal".into(),
            Self::Permission => "permission".into(),
            Self::Harmless => "no change".into(),
            Self::Success => "success".into(),
            Self::ItsOwn => "an answer about the organisation's own rows".into(),
            Self::AsAbsent => "the same as for ids that do not exist".into(),
            Self::RefusalOrAsAbsent => "a refusal, or the same as for ids that do not exist".into(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// Who, as a phrase; "the catalogue" where nobody acts and a fact is looked up.
    pub actor: &'static str,
    /// What is tried, as in "select" or "call for another organisation".
    pub command: String,
    role: &'static str,
    claims: String,
    pub sql: String,
    watch: Option<String>,
    reference: Option<String>,
    pub expects: Expects,
}

/// A trial as the database reads it.
#[derive(Serialize)]
pub(super) struct Wire<'a> {
    role: &'a str,
    claims: &'a str,
    sql: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    expects: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

impl Trial {
    /// A fact of the catalogue.
    pub(super) fn fact(command: impl Into<String>, sql: String, value: Option<String>) -> Self {
        Self {
            actor: "the catalogue",
            command: command.into(),
            role: "none",
            claims: String::new(),
            sql,
            watch: None,
            reference: None,
            expects: Expects::Answer(value),
        }
    }

    pub(super) fn by(actor: &Actor, command: impl Into<String>, sql: impl Into<String>, expects: Expects) -> Self {
        Self {
            actor: actor.phrase,
            command: command.into(),
            role: actor.role,
            claims: actor.claims.clone(),
            sql: sql.into(),
            watch: None,
            reference: None,
            expects,
        }
    }

    /// Whether it looks for rows as a person, which is where a hole in what all checks lean on would show.
    pub(super) fn reaches_rows(&self) -> bool {
        self.role == "authenticated" && (self.command == "select" || self.command.starts_with("call"))
    }

    /// The same with ids that do not exist, to compare with.
    pub(super) fn beside(mut self, reference: String) -> Self {
        self.reference = Some(reference);
        self
    }

    /// What must be the same before and after.
    pub(super) fn watching(mut self, sql: Option<&str>) -> Self {
        self.watch = sql.map(str::to_owned);
        self
    }

    pub(super) fn wire(&self) -> Wire<'_> {
        Wire {
            role: self.role,
            claims: &self.claims,
            sql: &self.sql,
            watch: self.watch.as_deref(),
            reference: self.reference.as_deref(),
            expects: self.expects.name(),
            value: match &self.expects {
                Expects::Answer(value) => value.as_deref(),
                _ => None,
            },
        }
    }
}

/// All trials of one object, and the changes that one of them must notice.
#[derive(Debug)]
pub(super) struct Subject {
    pub object: String,
    pub noun: &'static str,
    pub trials: Vec<Trial>,
    pub mutations: Vec<String>,
}

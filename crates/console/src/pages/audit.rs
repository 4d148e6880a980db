//! `/o/{org}/audit`: who did what.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_db::audit::{AuditEntry, AuditFilter};
use plimsoll_db::registry::Member;
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::problem::{Problem, escape_query};
use crate::shell::{OrgLink, Shell};
use crate::visit::OrgVisit;

const ENTRIES_A_PAGE: i32 = 60;

#[derive(Debug, Serialize)]
pub struct AuditView {
    pub org: OrgLink,
    #[serde(skip)]
    pub href: String,
    #[serde(skip)]
    pub csv_href: String,
    pub actor: String,
    pub action: String,
    pub filtered: bool,
    pub entries: Vec<AuditRow>,
    pub older_href: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct AuditRow {
    pub id: i64,
    pub when: Moment,
    pub actor: String,
    pub action: String,
    pub target: String,
    /// The e-mail address, where the target is a person whose address is known.
    pub target_name: Option<String>,
    pub detail: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditPage<'a> {
    pub shell: &'a Shell,
    pub v: &'a AuditView,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuditQuery {
    actor: String,
    action: String,
    before: Option<i64>,
}

impl AuditQuery {
    /// `?actor=…&action=…` as given, to be continued.
    fn text(&self) -> String {
        format!("?actor={}&action={}", escape_query(&self.actor), escape_query(&self.action))
    }
}

pub(crate) async fn show(
    OrgVisit { visit, org }: OrgVisit,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let given = |text: &'_ str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (by, action) = (given(&query.actor), given(&query.action));
    let filter = AuditFilter {
        actor: by.as_deref(),
        action: action.as_deref(),
        before: query.before,
        limit: Some(ENTRIES_A_PAGE),
    };
    let entries = visit.db.audit_entries(&visit.actor, org.id, &filter).await?;
    let members = visit.db.list_members(&visit.actor, org.id).await?;
    let people = people(&entries, &members);
    let href = format!("/o/{}/audit", org.slug);
    let oldest = entries.last().filter(|_| entries.len() == ENTRIES_A_PAGE as usize).map(|entry| entry.id);
    let view = AuditView {
        csv_href: format!("/api/ops/orgs/{}/audit.csv{}", org.id, query.text()),
        older_href: oldest.map(|id| format!("{href}{}&before={id}", query.text())),
        filtered: by.is_some() || action.is_some(),
        entries: entries.into_iter().map(|entry| row(entry, &people, visit.now)).collect(),
        actor: query.actor,
        action: query.action,
        href,
        org,
    };
    let shell = visit.shell(&view.org, "audit", "Audit");
    Ok(visit.face.show(&view, &AuditPage { shell: &shell, v: &view }))
}

/// The e-mail addresses of the people that the entries are about, by target: from the members of today, and from the
/// entries themselves for who is none any more.
fn people(entries: &[AuditEntry], members: &[Member]) -> HashMap<String, String> {
    let invited = entries.iter().filter_map(|entry| Some((&entry.target, entry.detail["email"].as_str()?)));
    let acted = entries.iter().map(|entry| (&entry.actor, entry.actor_name.as_str()));
    let known = acted.chain(invited).filter(|(target, name)| target.starts_with("user:") && name.contains('@'));
    let members = members.iter().filter_map(|m| Some((format!("user:{}", m.user_id), m.email.clone()?)));
    known.map(|(target, email)| (target.clone(), email.to_owned())).chain(members).collect()
}

fn row(entry: AuditEntry, people: &HashMap<String, String>, now: Timestamp) -> AuditRow {
    let target_name = people.get(&entry.target).cloned();
    let mut detail = entry.detail;
    if let Some(fields) = detail.as_object_mut() {
        // It stands before the details already.
        fields.retain(|key, value| key != "email" || value.as_str() != target_name.as_deref());
    }
    let is_empty = detail.as_object().is_none_or(serde_json::Map::is_empty);
    AuditRow {
        id: entry.id,
        when: Moment::new(entry.created_at, now),
        actor: if entry.actor_name.is_empty() { entry.actor } else { entry.actor_name },
        action: entry.action,
        target: entry.target,
        target_name,
        detail: if is_empty { String::new() } else { detail.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GRACE: &str = "user:00000000-0000-0000-0000-000000000007";

    fn entry(action: &str, target: &str, detail: serde_json::Value) -> AuditEntry {
        AuditEntry {
            id: 1,
            actor: "user:00000000-0000-0000-0000-000000000001".into(),
            actor_name: "ada@acme.example".into(),
            action: action.into(),
            target: target.into(),
            detail,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn shown(entries: Vec<AuditEntry>) -> Vec<(Option<String>, String)> {
        let people = people(&entries, &[]);
        let rows = entries.into_iter().map(|entry| row(entry, &people, Timestamp::UNIX_EPOCH));
        rows.map(|row| (row.target_name, row.detail)).collect()
    }

    #[test]
    fn a_person_is_shown_by_their_address() {
        let invited = entry("member.invited", GRACE, json!({"email": "grace@acme.example", "role": "viewer"}));
        let removed = entry("member.removed", GRACE, json!({"role": "viewer"}));
        let grace = (Some("grace@acme.example".into()), r#"{"role":"viewer"}"#.into());
        assert_eq!(shown(vec![removed.clone(), invited]), [grace.clone(), grace]);
        assert_eq!(shown(vec![removed]), [(None, r#"{"role":"viewer"}"#.into())], "who is known by nothing else");
    }

    #[test]
    fn what_is_no_person_keeps_its_name_and_details() {
        let project = entry("project.created", "project:7", json!({"email": "ci@acme.example"}));
        assert_eq!(shown(vec![project]), [(None, r#"{"email":"ci@acme.example"}"#.into())]);
    }
}

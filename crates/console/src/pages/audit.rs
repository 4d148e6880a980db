//! `/o/{org}/audit`: who did what.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use plimsoll_db::Actor;
use plimsoll_db::audit::{AuditEntry, AuditFilter};
use serde::{Deserialize, Serialize};

use crate::ConsoleState;
use crate::answer::Face;
use crate::moment::Moment;
use crate::problem::{Problem, escape_query};
use crate::shell::{OrgLink, Shell};
use crate::visit::Visit;

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
    State(state): State<ConsoleState>,
    Extension(actor): Extension<Actor>,
    Path(org): Path<String>,
    Query(query): Query<AuditQuery>,
    face: Face,
) -> Result<Response, Problem> {
    let visit = Visit::of(&state.db, &actor).await?;
    let org = visit.org(&org)?;
    let given = |text: &'_ str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (by, action) = (given(&query.actor), given(&query.action));
    let filter = AuditFilter {
        actor: by.as_deref(),
        action: action.as_deref(),
        before: query.before,
        limit: Some(ENTRIES_A_PAGE),
    };
    let entries = state.db.audit_entries(&actor, org.id, &filter).await?;
    let now = Timestamp::now();
    let href = format!("/o/{}/audit", org.slug);
    let oldest = entries.last().filter(|_| entries.len() == ENTRIES_A_PAGE as usize).map(|entry| entry.id);
    let view = AuditView {
        csv_href: format!("/api/ops/orgs/{}/audit.csv{}", org.id, query.text()),
        older_href: oldest.map(|id| format!("{href}{}&before={id}", query.text())),
        filtered: by.is_some() || action.is_some(),
        entries: entries.into_iter().map(|entry| row(entry, now)).collect(),
        actor: query.actor,
        action: query.action,
        href,
        org,
    };
    let shell = visit.shell(&view.org, "audit", "Audit");
    Ok(face.show(&view, &AuditPage { shell: &shell, v: &view }))
}

fn row(entry: AuditEntry, now: Timestamp) -> AuditRow {
    let is_empty = entry.detail.as_object().is_none_or(serde_json::Map::is_empty);
    AuditRow {
        id: entry.id,
        when: Moment::new(entry.created_at, now),
        actor: if entry.actor_name.is_empty() { entry.actor } else { entry.actor_name },
        action: entry.action,
        target: entry.target,
        detail: if is_empty { String::new() } else { entry.detail.to_string() },
    }
}

//! `/find`: what the command palette searches.

use axum::extract::{Query, State};
use axum::{Extension, Json};
use plimsoll_core::status::BuildStatus;
use plimsoll_db::Actor;
use plimsoll_db::find::{Found, FoundKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ConsoleState;
use crate::badge::Badge;
use crate::problem::Problem;

const MOST_FOUND: i32 = 30;

#[derive(Debug, Deserialize)]
pub(crate) struct FindQuery {
    #[serde(default)]
    q: String,
    /// Where to look.
    org_id: Uuid,
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    found: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    kind: FoundKind,
    label: String,
    note: String,
    href: String,
    glyph: Option<&'static str>,
}

pub(crate) async fn answer(
    State(state): State<ConsoleState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<FindQuery>,
) -> Result<Json<Answer>, Problem> {
    if actor == Actor::Anonymous {
        return Err(Problem::SignInFirst);
    }
    let found = state.db.find_anything(&actor, query.org_id, &query.q, MOST_FOUND).await?;
    Ok(Json(Answer { found: found.into_iter().map(item).collect() }))
}

fn item(found: Found) -> Item {
    let project = format!("/o/{}/projects/{}", found.org_slug, found.project_slug);
    let status = found.status.and_then(|status| status.parse::<BuildStatus>().ok());
    Item {
        href: match (found.kind, found.branch_id, found.build_id) {
            (FoundKind::Build, _, Some(id)) => format!("/builds/{id}"),
            (FoundKind::Branch, Some(id), _) => format!("{project}/builds?branch={id}"),
            _ => project,
        },
        glyph: status.map(|status| Badge::from(status).glyph),
        kind: found.kind,
        label: found.label,
        note: found.note,
    }
}

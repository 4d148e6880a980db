use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use plimsoll_db::audit::AuditEntry;
use uuid::Uuid;

use super::AuditQuery;
use crate::error::ApiError;
use crate::extract::{Caller, Path, Query};
use crate::state::AppState;

const MAX_ROWS: i32 = 10_000;

/// The same entries as a table for a spreadsheet: up to 10000, go on with `before`.
#[utoipa::path(get, path = "/api/ops/orgs/{org_id}/audit.csv", tag = "audit",
    params(("org_id" = Uuid, Path, description = "The org."), AuditQuery),
    responses((status = 200, description = "RFC 4180.", body = String, content_type = "text/csv"),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn audit_csv(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    Query(query): Query<AuditQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let entries = state.db.audit_entries(&actor, org_id, &query.filter(MAX_ROWS)).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, render(&entries)))
}

fn render(entries: &[AuditEntry]) -> String {
    let mut csv = String::from("id,created_at,actor,actor_name,action,target,detail\r\n");
    for entry in entries {
        let detail = entry.detail.to_string();
        let (id, created_at) = (entry.id.to_string(), entry.created_at.to_string());
        let fields = [&id, &created_at, &entry.actor, &entry.actor_name, &entry.action, &entry.target, &detail]
            .map(|f| field(f));
        csv.push_str(&fields.join(","));
        csv.push_str("\r\n");
    }
    csv
}

/// Quoted, and never a formula: spreadsheets run what begins with one of these.
fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_harmless() {
        assert_eq!(field("plain"), "\"plain\"");
        assert_eq!(field("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(field("=cmd()"), "\"'=cmd()\"");
    }
}

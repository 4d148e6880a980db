//! `GET …/logs`: a window of the log, in columns.

use axum::extract::State;
use plimsoll_db::Actor;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::visible_build;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path, Query};
use crate::log_hub::Batch;
use crate::state::AppState;

const DEFAULT_LIMIT: i64 = 1_000;
const MAX_LIMIT: i64 = 10_000;
/// Chunks read at a time: a window of short chunks needs several reads, one of long ones must not read far too much.
const CHUNKS_PER_READ: i32 = 8;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinesQuery {
    /// Number of the first line wanted, from 1. Without it: `tail`, else the start.
    from: Option<i64>,
    /// Most lines answered: 1,000 unless said, at most 10,000.
    limit: Option<i64>,
    /// The last so many lines.
    tail: Option<i64>,
}

/// Lines `first_line..next_line`; the columns have one entry a line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Lines {
    first_line: i64,
    /// Ask from here for the lines that follow.
    next_line: i64,
    /// Lines the log has by now.
    total: i64,
    status: String,
    /// Milliseconds since the Unix epoch.
    ts: Vec<i64>,
    /// Bits 0-2 phase, 3-4 level, 5 standard error, 6 goes on in the next line, 7 escaped.
    kind: Vec<i16>,
    text: Vec<String>,
}

/// Lines of a build's log, as columns.
#[utoipa::path(
    get, path = "/api/ops/builds/{build_id}/logs", tag = "logs",
    params(("build_id" = Uuid, Path), LinesQuery),
    responses((status = 200, body = Lines), (status = 404, description = "No such build for this caller", body = crate::ErrorBody))
)]
pub(crate) async fn log_lines(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
    Query(query): Query<LinesQuery>,
) -> Result<Json<Lines>, ApiError> {
    let limit = match query.limit {
        None => DEFAULT_LIMIT,
        Some(limit) if limit >= 1 => limit.min(MAX_LIMIT),
        Some(limit) => return Err(ApiError::bad_request(format!("limit is {limit}: it must be 1 to {MAX_LIMIT}"))),
    };
    Ok(Json(window(&state, &actor, build_id, &query, limit).await?))
}

async fn window(
    state: &AppState,
    actor: &Actor,
    build_id: Uuid,
    query: &LinesQuery,
    limit: i64,
) -> Result<Lines, ApiError> {
    let (build, stored_next_line) = visible_build(state, actor, build_id).await?;
    let from = match (query.from, query.tail) {
        (Some(from), _) => from.max(1),
        (None, Some(tail)) => (stored_next_line - tail.clamp(0, limit)).max(1),
        (None, None) => 1,
    };
    let until = from.saturating_add(limit).min(stored_next_line);
    let mut lines = Lines {
        first_line: from,
        next_line: from,
        total: stored_next_line - 1,
        status: build.status,
        ts: Vec::new(),
        kind: Vec::new(),
        text: Vec::new(),
    };
    while lines.next_line < until {
        let chunks = state.db.log_chunks_as_server(build_id, lines.next_line, CHUNKS_PER_READ).await?;
        let before = lines.next_line;
        for batch in chunks.into_iter().filter_map(|chunk| Batch::from_chunk(chunk, before)) {
            lines.take(&batch, until);
        }
        if lines.next_line == before {
            // Retention took the lines away.
            break;
        }
    }
    Ok(lines)
}

impl Lines {
    fn take(&mut self, batch: &Batch, until: i64) {
        let room = usize::try_from(until - self.next_line).unwrap_or(0);
        let taken = room.min(batch.line_count());
        self.ts.extend_from_slice(&batch.ts_ms[..taken]);
        self.kind.extend_from_slice(&batch.kind[..taken]);
        self.text.extend(batch.lines().take(taken).map(|(text, _)| text.to_owned()));
        self.next_line += taken as i64;
    }
}

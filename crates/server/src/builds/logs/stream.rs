//! `GET …/logs/stream`: the log live.
//!
//! `event: lines` carries lines and, as id, the number of the last of them; `event: state` the build's state whenever it
//! changes; `event: end` closes. `Last-Event-ID` (or `?from=`, the number of the first line wanted) resumes at any
//! replica without gap or repeat, because the place is a line number and every replica reads the same lines.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use plimsoll_db::watch::BuildState;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::follow::Step;
use super::{Follower, visible_build};
use crate::error::ApiError;
use crate::extract::{Path, Query};
use crate::live_caller::LiveCaller;
use crate::log_hub::Item;
use crate::sse;
use crate::state::AppState;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// Number of the first line wanted; `Last-Event-ID` goes before it.
    from: Option<i64>,
}

/// The last event: nothing will be added to this log.
#[derive(Serialize)]
struct End<'a> {
    status: &'a str,
    failure_reason: Option<&'a str>,
    /// Lines the log has.
    lines: i64,
}

/// A build's log as it is written: server-sent events that resume by `Last-Event-ID`.
#[utoipa::path(
    get, path = "/api/ops/builds/{build_id}/logs/stream", tag = "logs",
    params(("build_id" = Uuid, Path), StreamQuery, ("Last-Event-ID" = Option<i64>, Header, description = "Number of the last line seen")),
    responses(
        (status = 200, description = "Events `lines`, `state` and, last, `end`", content_type = "text/event-stream"),
        (status = 404, description = "No such build for this caller", body = crate::ErrorBody),
    )
)]
pub(crate) async fn stream_log(
    State(state): State<AppState>,
    caller: LiveCaller,
    Path(build_id): Path<Uuid>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    visible_build(&state, caller.actor(), build_id).await?;
    let from = sse::last_event_id(&headers).map(|last| last.saturating_add(1)).or(query.from).unwrap_or(1);
    let follower = Follower::new(&state, caller, build_id, from);
    let events = stream::unfold(follower, |mut follower| async move {
        let step = follower.next().await?;
        Some((render(&step, follower.next_line()), follower))
    });
    Ok(sse::response(stream::iter([sse::PREAMBLE]).chain(events)))
}

fn render(step: &Step, next_line: i64) -> Bytes {
    match step {
        Step::Item(Item::Lines(batch)) => batch.frame(),
        Step::Item(Item::State(state)) => sse::event("state", &**state),
        Step::Item(Item::End(state)) => sse::event("end", &end(state.as_deref(), next_line)),
        Step::Quiet => sse::KEEP_ALIVE,
    }
}

fn end(state: Option<&BuildState>, next_line: i64) -> End<'_> {
    End {
        status: state.map_or("gone", |state| state.status.as_str()),
        failure_reason: state.and_then(|state| state.failure_reason.as_deref()),
        lines: next_line - 1,
    }
}

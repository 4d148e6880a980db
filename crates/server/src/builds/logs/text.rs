//! `GET …/logs.txt`: the log as text, and with `?follow=1` until the build has ended.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use plimsoll_core::log::Kind;
use serde::Deserialize;
use uuid::Uuid;

use super::follow::Step;
use super::text_format::{Format, Writer};
use super::{Follower, visible_build};
use crate::error::ApiError;
use crate::extract::{Path, Query};
use crate::live_caller::LiveCaller;
use crate::log_hub::{Batch, Item, LogHub};
use crate::sse;
use crate::state::AppState;

/// Chunks read at a time.
const CHUNKS_PER_READ: i32 = 8;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TextQuery {
    /// `1`: go on until the build has ended.
    #[serde(default)]
    follow: Switch,
    /// `1`: keep colours. Other terminal sequences are taken out either way.
    #[serde(default)]
    color: Switch,
    /// `1`: the bytes as the steps wrote them, terminal sequences and all.
    #[serde(default)]
    raw: Switch,
    /// Number of the first line wanted.
    from: Option<i64>,
}

/// `0` or `1`, `false` or `true`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
enum Switch {
    #[default]
    #[serde(rename = "0", alias = "false")]
    Off,
    #[serde(rename = "1", alias = "true", alias = "")]
    On,
}

/// A build's log as plain text; with `follow=1` it goes on until the build ends.
#[utoipa::path(
    get, path = "/api/ops/builds/{build_id}/logs.txt", tag = "logs",
    params(("build_id" = Uuid, Path), TextQuery),
    responses(
        (status = 200, description = "One line of text a line", body = String, content_type = "text/plain"),
        (status = 404, description = "No such build for this caller", body = crate::ErrorBody),
    )
)]
pub(crate) async fn log_text(
    State(state): State<AppState>,
    caller: LiveCaller,
    Path(build_id): Path<Uuid>,
    Query(query): Query<TextQuery>,
) -> Result<Response, ApiError> {
    let (_, next_line) = visible_build(&state, caller.actor(), build_id).await?;
    let format = match (query.raw, query.color) {
        (Switch::On, _) => Format::Raw,
        (Switch::Off, Switch::On) => Format::Colour,
        (Switch::Off, Switch::Off) => Format::Plain,
    };
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    let from = query.from.unwrap_or(1).max(1);
    if query.follow == Switch::On {
        let follower = Follower::new(&state, caller, build_id, from);
        return Ok(sse::stream_response(followed(follower, Writer::new(format)), content_type));
    }
    let stored = Stored { logs: state.logs, build_id, from, until: next_line, writer: Writer::new(format) };
    Ok(sse::stream_response(stream::unfold(stored, Stored::next), content_type))
}

fn followed(follower: Follower, writer: Writer) -> impl stream::Stream<Item = Bytes> + Send {
    stream::unfold((follower, writer), |(mut follower, mut writer)| async move {
        loop {
            match follower.next().await? {
                Step::Item(Item::Lines(batch)) => {
                    let text = render(&mut writer, &batch);
                    return Some((text, (follower, writer)));
                }
                Step::Item(Item::End(_)) => return None,
                // Text has no room for a sign of life.
                Step::Item(Item::State(_)) | Step::Quiet => {}
            }
        }
    })
}

/// The lines that were stored when the request came.
struct Stored {
    logs: LogHub,
    build_id: Uuid,
    from: i64,
    until: i64,
    writer: Writer,
}

impl Stored {
    /// The next piece; ends early when the database fails, which the client sees as a connection that was cut.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if self.from >= self.until {
            return None;
        }
        let chunks = match self.logs.read(self.build_id, self.from, CHUNKS_PER_READ).await {
            Ok(chunks) => chunks,
            Err(error) => {
                tracing::warn!(build.id = %self.build_id, %error, "a log's text was cut off: the database failed");
                return None;
            }
        };
        let mut out = Vec::new();
        for chunk in chunks {
            if let Some(batch) = Batch::from_chunk(chunk, self.from) {
                self.from = batch.next_line();
                out.extend_from_slice(&render(&mut self.writer, &Arc::new(batch)));
            }
        }
        (!out.is_empty()).then(|| (out.into(), self))
    }
}

fn render(writer: &mut Writer, batch: &Batch) -> Bytes {
    let mut out = Vec::with_capacity(batch.body.len() + 1);
    for (text, kind) in batch.lines() {
        writer.line(text, Kind(kind), &mut out);
    }
    out.into()
}

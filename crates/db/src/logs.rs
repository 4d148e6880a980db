//! Build logs: chunks in, chunks, lines and marks out.

use jiff::Timestamp;
use plimsoll_core::log::{Chunk, Mark};
use plimsoll_core::status::{Level, Phase};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Actor, Db, DbError, Result};

/// Consecutive lines as they are stored. `dt_ms` and `kind` have one entry a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogChunk {
    pub first_line: i64,
    /// Milliseconds since the Unix epoch that `dt_ms` counts from.
    pub base_ms: i64,
    pub dt_ms: Vec<i32>,
    /// As [`plimsoll_core::log::Kind`] packs it.
    pub kind: Vec<i16>,
    /// The lines joined by `\n`.
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    pub line: i64,
    pub ts: Timestamp,
    pub phase: String,
    pub level: String,
    /// `Kind::STDERR`, `Kind::CONTINUES`, `Kind::ESCAPED`.
    pub flags: i16,
    pub message: String,
}

/// One line to append outside a chunk.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    pub phase: Phase,
    pub level: Level,
    pub message: &'a str,
    pub meta: &'a serde_json::Value,
}

const APPEND_LOG_CHUNK: &str = "select ops.append_log_chunk($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const APPEND_BUILD_EVENT: &str = "select ops.append_build_event($1, $2, $3, $4, $5, $6)";
const LOG_CHUNKS_FROM: &str = "
    select first_line, (extract(epoch from base_at) * 1000)::bigint as base_ms, dt_ms, kind, body
    from ops.log_chunks_from($1, $2, $3)";
const LOG_LINES: &str = "select line, ts, phase, level, flags, message from ops.log_lines($1, $2, $3)";
const LOG_SEARCH: &str = "select line from ops.log_search($1, $2, $3)";
const LOG_MARKS: &str = "select jsonb_build_object('line', line, 'kind', kind, 'label', label) from ops.log_marks($1)";
const ENSURE_LOG_PARTITIONS: &str = "select ops.ensure_log_partitions($1)";
const DROP_LOG_PARTITIONS: &str =
    "select ops.drop_log_partitions_before((now() at time zone 'utc')::date - $1::integer)";

impl Db {
    /// Stores a chunk that passed [`Chunk::check`]; answers the number of the next line. A chunk that is stored
    /// already is acknowledged without effect.
    ///
    /// # Errors
    /// [`DbError::StaleToken`], [`DbError::LineGap`], or [`DbError::LogLimit`] when the log would grow over
    /// `max_log_bytes`.
    pub async fn append_log_chunk(&self, build_id: Uuid, token: i64, chunk: &Chunk, max_log_bytes: i64) -> Result<i64> {
        let kind: Vec<i16> = chunk.kind.iter().map(|kind| kind.0).collect();
        let marks = (!chunk.marks.is_empty()).then(|| serde_json::json!(chunk.marks));
        let row = self
            .query_one_as_server(
                APPEND_LOG_CHUNK,
                &[
                    (&build_id, Type::UUID),
                    (&token, Type::INT8),
                    (&chunk.first_line, Type::INT8),
                    (&chunk.base_ms, Type::INT8),
                    (&chunk.dt_ms, Type::INT4_ARRAY),
                    (&kind, Type::INT2_ARRAY),
                    (&chunk.body, Type::TEXT),
                    (&marks, Type::JSONB),
                    (&max_log_bytes, Type::INT8),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Appends one line; answers its id, `builds.seq · 2²⁸ + line`.
    pub async fn append_build_event(&self, build_id: Uuid, event: NewEvent<'_>, token: Option<i64>) -> Result<i64> {
        let row = self
            .query_one_as_server(
                APPEND_BUILD_EVENT,
                &[
                    (&build_id, Type::UUID),
                    (&event.phase.as_str(), Type::TEXT),
                    (&event.level.as_str(), Type::TEXT),
                    (&event.message, Type::TEXT),
                    (&event.meta, Type::JSONB),
                    (&token, Type::INT8),
                ],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Chunks from the one that holds line `from` on, at most `limit_chunks`. Viewer and up.
    pub async fn log_chunks(
        &self,
        actor: &Actor,
        build_id: Uuid,
        from: i64,
        limit_chunks: i32,
    ) -> Result<Vec<LogChunk>> {
        let params = [(&build_id as _, Type::UUID), (&from as _, Type::INT8), (&limit_chunks as _, Type::INT4)];
        self.query(actor, LOG_CHUNKS_FROM, &params).await?.iter().map(chunk).collect()
    }

    /// [`Db::log_chunks`] for the server, which has checked who is asking.
    pub async fn log_chunks_as_server(&self, build_id: Uuid, from: i64, limit_chunks: i32) -> Result<Vec<LogChunk>> {
        let params = [(&build_id as _, Type::UUID), (&from as _, Type::INT8), (&limit_chunks as _, Type::INT4)];
        self.query_as_server(LOG_CHUNKS_FROM, &params).await?.iter().map(chunk).collect()
    }

    /// Lines from `from` on, ascending, at most `limit`. Viewer and up.
    pub async fn log_lines(&self, actor: &Actor, build_id: Uuid, from: i64, limit: i32) -> Result<Vec<LogLine>> {
        let params = [(&build_id as _, Type::UUID), (&from as _, Type::INT8), (&limit as _, Type::INT4)];
        self.query(actor, LOG_LINES, &params)
            .await?
            .iter()
            .map(|row| {
                Ok(LogLine {
                    line: row.try_get("line")?,
                    ts: row.try_get("ts")?,
                    phase: row.try_get("phase")?,
                    level: row.try_get("level")?,
                    flags: row.try_get("flags")?,
                    message: row.try_get("message")?,
                })
            })
            .collect()
    }

    /// Numbers of the lines that hold `query` in any case, ascending, at most `limit`. Viewer and up.
    pub async fn log_search(&self, actor: &Actor, build_id: Uuid, query: &str, limit: i32) -> Result<Vec<i64>> {
        let params = [(&build_id as _, Type::UUID), (&query as _, Type::TEXT), (&limit as _, Type::INT4)];
        self.query(actor, LOG_SEARCH, &params).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Errors, groups, steps and phases by line, the first 20,000. Viewer and up.
    pub async fn log_marks(&self, actor: &Actor, build_id: Uuid) -> Result<Vec<Mark>> {
        self.query(actor, LOG_MARKS, &[(&build_id, Type::UUID)])
            .await?
            .iter()
            .map(|row| serde_json::from_value(row.try_get(0)?).map_err(|e| DbError::Decode(e.to_string())))
            .collect()
    }

    /// Makes the weekly partitions that are missing up to `weeks_ahead`; answers how many.
    pub async fn ensure_log_partitions(&self, weeks_ahead: i32) -> Result<i32> {
        Ok(self.query_one_as_server(ENSURE_LOG_PARTITIONS, &[(&weeks_ahead, Type::INT4)]).await?.try_get(0)?)
    }

    /// Forgets logs of builds older than `days`, by whole weeks; answers how many partitions were dropped.
    pub async fn drop_log_partitions_older_than(&self, days: i32) -> Result<i32> {
        Ok(self.query_one_as_server(DROP_LOG_PARTITIONS, &[(&days, Type::INT4)]).await?.try_get(0)?)
    }
}

fn chunk(row: &Row) -> Result<LogChunk> {
    Ok(LogChunk {
        first_line: row.try_get("first_line")?,
        base_ms: row.try_get("base_ms")?,
        dt_ms: row.try_get("dt_ms")?,
        kind: row.try_get("kind")?,
        body: row.try_get("body")?,
    })
}

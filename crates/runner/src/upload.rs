//! Sends the spooled log to the server, in order, until everything is acknowledged.

use std::sync::Arc;

use plimsoll_core::log::Chunk;

use crate::api::{AttemptApi, CallError};
use crate::journal::{Journal, seal};
use crate::retrying::while_leased;
use crate::spool::Sealed;
use crate::stop::{Stop, StopSignal, io_message};

/// Answers about one chunk that bring nothing forward, after which something is wrong that repeating does not mend.
const MAX_FRUITLESS: u32 = 5;

/// Runs until all lines of the ended journal are acknowledged, or none will be any more. Answers the first line the
/// server does not have, as far as it has said.
pub(crate) async fn upload(journal: Arc<Journal>, api: AttemptApi, stop: StopSignal, first_line: i64) -> i64 {
    let acknowledged = send_all(&journal, &api, &stop, first_line).await;
    journal.close();
    acknowledged
}

async fn send_all(journal: &Journal, api: &AttemptApi, stop: &StopSignal, first_line: i64) -> i64 {
    let mut acknowledged = first_line;
    let mut fruitless = 0;
    loop {
        let chunk = match next_chunk(journal, stop, acknowledged).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return acknowledged,
            Err(error) => {
                stop.stop(Stop::Infrastructure(io_message("cannot read back the log it kept", &error)));
                return acknowledged;
            }
        };
        let answer = while_leased(stop, "send log lines", || api.append(chunk.payload.clone())).await;
        let server_next = match answer {
            Ok(appended) => appended.next_line,
            Err(CallError::LineGap(next_line)) => next_line,
            Err(CallError::LogLimit { message, next_line }) => {
                stop.stop(Stop::LogLimit(message));
                return next_line.unwrap_or(acknowledged);
            }
            Err(CallError::Stale) => return acknowledged,
            Err(error) => {
                stop.stop(Stop::Infrastructure(format!("the server does not take the log: {error}")));
                return acknowledged;
            }
        };
        fruitless = if server_next > acknowledged { 0 } else { fruitless + 1 };
        if server_next < acknowledged || server_next > journal.next_line() || fruitless > MAX_FRUITLESS {
            let message = format!(
                "the server says its next log line is {server_next}, but it had acknowledged up to {acknowledged}"
            );
            stop.stop(Stop::Infrastructure(message));
            return server_next;
        }
        acknowledged = server_next;
        journal.acknowledge(acknowledged);
    }
}

/// Waits for a chunk. `None`: there will be no more.
async fn next_chunk(journal: &Journal, stop: &StopSignal, next_line: i64) -> std::io::Result<Option<Sealed>> {
    loop {
        let spooled = journal.spooled.notified();
        let flushed = journal.is_flushed();
        let front = journal.spool().front()?;
        if let Some(front) = front {
            return Ok(Some(from_line(front, next_line)));
        }
        if flushed {
            return Ok(None);
        }
        tokio::select! {
            () = spooled => {}
            () = stop.lost() => return Ok(None),
        }
    }
}

/// The part of a chunk that begins with `line`, when the server has its first lines already.
fn from_line(sealed: Sealed, line: i64) -> Sealed {
    if line <= sealed.first_line || line >= sealed.next_line {
        return sealed;
    }
    let Ok(chunk) = serde_json::from_slice::<Chunk>(&sealed.payload) else { return sealed };
    let skip = usize::try_from(line - chunk.first_line).unwrap_or(0);
    seal(&Chunk {
        first_line: line,
        base_ms: chunk.base_ms,
        dt_ms: chunk.dt_ms[skip..].to_vec(),
        kind: chunk.kind[skip..].to_vec(),
        body: chunk.body.split('\n').skip(skip).collect::<Vec<_>>().join("\n"),
        marks: chunk.marks.into_iter().filter(|mark| mark.line >= line).collect(),
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_core::log::{Kind, Mark, MarkKind};
    use plimsoll_core::status::{Level, Phase};

    use super::*;

    #[test]
    fn a_chunk_is_cut_where_the_server_stands() {
        let kind = Kind::new(Phase::Build, Level::Info);
        let mark = |line| Mark { line, kind: MarkKind::Step, label: String::new() };
        let chunk = Chunk {
            first_line: 10,
            base_ms: 5,
            dt_ms: vec![0, 1, 2],
            kind: vec![kind; 3],
            body: "a\nb\nc".to_owned(),
            marks: vec![mark(10), mark(12)],
        };
        let cut: Chunk = serde_json::from_slice(&from_line(seal(&chunk), 11).payload).unwrap();
        assert_eq!(cut.check(), Ok(()));
        assert_eq!((cut.first_line, cut.body.as_str(), cut.dt_ms), (11, "b\nc", vec![1, 2]));
        assert_eq!(cut.marks, [mark(12)]);
        assert_eq!(from_line(seal(&chunk), 10).payload, seal(&chunk).payload);
    }
}

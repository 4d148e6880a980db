//! The log of one attempt: numbers lines, packs them into chunks, and hands the chunks to the spool.
//!
//! A chunk is cut when it is big, or when the uploader has nothing to do and the oldest line is a little old. So a
//! quiet build's lines are seen at once, and a noisy one's travel in large chunks.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_core::log::{Chunk, Kind, MAX_LINE_BYTES, Mark, MarkBudget, MarkKind};
use plimsoll_core::mask::Secrets;
use plimsoll_core::status::{Level, Phase};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::spool::{Sealed, Spool};
use crate::stop::{Stop, StopSignal, io_message};

/// A chunk is cut at this size: well below what the protocol allows, for steady progress on slow lines.
const CHUNK_BYTES: usize = 256 << 10;
const CHUNK_LINES: usize = 2_000;
/// Age of the oldest line at which a chunk is cut while the uploader is idle, and while it is busy.
const IDLE_AGE: Duration = Duration::from_millis(20);
const BUSY_AGE: Duration = Duration::from_millis(500);
/// Lines in memory on their way to the spool.
const BUFFER_BYTES: usize = 4 << 20;
/// Kept back from the log limit for the runner's own last words.
const LIMIT_RESERVE_BYTES: i64 = 16 << 10;

/// One line before it has a number.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) mark: Option<(MarkKind, String)>,
}

/// Shared by everything that writes lines, the flusher and the uploader.
pub(crate) struct Journal {
    state: Mutex<State>,
    pub(crate) spool: Mutex<Spool>,
    /// Lines were written, or writing has ended.
    written: Notify,
    /// The spool has got a chunk, or will get none any more.
    pub(crate) spooled: Notify,
    /// The spool or the buffer has got smaller.
    shrunk: Notify,
    pub(crate) secrets: Secrets,
    stop: StopSignal,
    spool_limit_bytes: u64,
}

struct State {
    next_line: i64,
    full: VecDeque<Chunk>,
    open: Option<(Chunk, Instant)>,
    buffered_bytes: usize,
    marks: MarkBudget,
    /// What may still be written before the log limit.
    left_bytes: i64,
    ended: bool,
    flushed: bool,
    /// The server takes no more: lines are dropped instead of piling up.
    closed: bool,
}

/// Where a journal begins and what it may grow to.
pub(crate) struct JournalLimits {
    pub(crate) first_line: i64,
    pub(crate) max_log_bytes: i64,
    pub(crate) spool_limit_bytes: u64,
}

impl Journal {
    pub(crate) fn new(folder: &Path, secrets: Secrets, stop: StopSignal, limits: &JournalLimits) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                next_line: limits.first_line,
                full: VecDeque::new(),
                open: None,
                buffered_bytes: 0,
                marks: MarkBudget::default(),
                left_bytes: limits.max_log_bytes,
                ended: false,
                flushed: false,
                closed: false,
            }),
            spool: Mutex::new(Spool::new(folder)),
            written: Notify::new(),
            spooled: Notify::new(),
            shrunk: Notify::new(),
            secrets,
            stop,
            spool_limit_bytes: limits.spool_limit_bytes,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds the journal")
    }

    pub(crate) fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().expect("no code panics while it holds the spool")
    }

    /// Number the next line will get.
    pub(crate) fn next_line(&self) -> i64 {
        self.state().next_line
    }

    /// Writes a step's lines, which are masked already. Past the log limit they are dropped and the attempt is stopped.
    pub(crate) fn write(&self, entries: Vec<Entry>) {
        let now = Timestamp::now().as_millisecond();
        let mut state = self.state();
        if state.closed {
            return;
        }
        for entry in entries {
            if state.left_bytes < LIMIT_RESERVE_BYTES + entry.text.len() as i64 + 1 {
                drop(state);
                let message = "the log is longer than is allowed: write less, or have the limit raised".to_owned();
                return self.stop.stop(Stop::LogLimit(message));
            }
            state.push(entry, now);
        }
        drop(state);
        self.written.notify_one();
    }

    /// Writes the runner's own words, masked here; every line break starts a line. Answers the number of the first.
    pub(crate) fn say(&self, phase: Phase, level: Level, text: &str, mark: Option<(MarkKind, &str)>) -> i64 {
        let now = Timestamp::now().as_millisecond();
        let mut state = self.state();
        let first_line = state.next_line;
        let mut mark = mark.map(|(kind, label)| (kind, self.secrets.mask(label)));
        for line in self.secrets.mask(text).lines() {
            let clean: String = line.chars().filter(|c| !c.is_control()).collect();
            let text = cut(clean, MAX_LINE_BYTES);
            if !state.closed && state.left_bytes > text.len() as i64 {
                state.push(Entry { text, kind: Kind::new(phase, level), mark: mark.take() }, now);
            }
        }
        drop(state);
        self.written.notify_one();
        first_line
    }

    /// For the runner's words outside any step.
    pub(crate) fn system(&self, level: Level, text: &str) {
        let mark = match level {
            Level::Error => Some((MarkKind::Error, text)),
            Level::Warn => Some((MarkKind::Warning, text)),
            Level::Info | Level::Debug => None,
        };
        self.say(Phase::System, level, text, mark.map(|(kind, text)| (kind, text.lines().next().unwrap_or_default())));
    }

    /// Waits until there is room for more, or the attempt is lost. Holding back whoever writes is what keeps memory and
    /// disk bounded.
    pub(crate) async fn room(&self) {
        loop {
            let shrunk = self.shrunk.notified();
            let full = self.state().buffered_bytes > BUFFER_BYTES || self.spool().bytes() > self.spool_limit_bytes;
            if !full || self.state().closed || self.stop.is_lost() {
                return;
            }
            tokio::select! {
                () = shrunk => {}
                () = self.stop.lost() => return,
            }
        }
    }

    /// No more lines will come.
    pub(crate) fn end(&self) {
        self.state().ended = true;
        self.written.notify_one();
    }

    /// The server takes no more lines, or the disk holds no more.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.ended = true;
        state.flushed = true;
        state.full.clear();
        state.open = None;
        state.buffered_bytes = 0;
        drop(state);
        self.shrunk.notify_waiters();
        self.written.notify_one();
        self.spooled.notify_one();
    }

    /// Whether every line is in the spool and no more will come.
    pub(crate) fn is_flushed(&self) -> bool {
        self.state().flushed
    }

    /// The server has everything below `next_line`.
    pub(crate) fn acknowledge(&self, next_line: i64) {
        self.spool().acknowledge(next_line);
        self.shrunk.notify_waiters();
        // An idle uploader means that a smaller chunk is worth cutting.
        self.written.notify_one();
    }

    /// Moves chunks to the spool until the journal has ended or the attempt is lost.
    pub(crate) async fn flush(self: Arc<Self>) {
        loop {
            if self.stop.is_lost() {
                return;
            }
            match self.next_move() {
                Move::Spool(chunk) => {
                    if !self.spool_chunk(chunk).await {
                        return;
                    }
                }
                Move::Wait(until) => {
                    tokio::select! {
                        () = self.written.notified() => {}
                        () = sleep_until(until) => {}
                        () = self.stop.lost() => return,
                    }
                }
                Move::End => {
                    self.state().flushed = true;
                    self.spooled.notify_one();
                    return;
                }
            }
        }
    }

    fn next_move(&self) -> Move {
        let idle = self.spool().is_empty();
        let mut state = self.state();
        if let Some(chunk) = state.full.pop_front() {
            return Move::Spool(chunk);
        }
        let Some((_, since)) = &state.open else {
            return if state.ended { Move::End } else { Move::Wait(None) };
        };
        let due = *since + if idle { IDLE_AGE } else { BUSY_AGE };
        if !state.ended && Instant::now() < due {
            return Move::Wait(Some(due));
        }
        let (chunk, _) = state.open.take().expect("seen above");
        Move::Spool(chunk)
    }

    async fn spool_chunk(self: &Arc<Self>, chunk: Chunk) -> bool {
        let size = chunk.body.len();
        let sealed = seal(&chunk);
        let journal = Arc::clone(self);
        let appended = tokio::task::spawn_blocking(move || journal.spool().append(sealed)).await;
        self.state().shrink(size);
        self.shrunk.notify_waiters();
        self.spooled.notify_one();
        match appended {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                // Without its log the build cannot end as anything but lost, so that it is run again.
                self.stop.stop(Stop::Infrastructure(io_message("cannot keep the log", &error)));
                self.close();
                false
            }
            Err(_) => false,
        }
    }
}

/// At most so many bytes of a text.
fn cut(mut text: String, bytes: usize) -> String {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

enum Move {
    Spool(Chunk),
    Wait(Option<Instant>),
    End,
}

async fn sleep_until(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

pub(crate) fn seal(chunk: &Chunk) -> Sealed {
    debug_assert_eq!(chunk.check(), Ok(()));
    let payload = serde_json::to_vec(chunk).expect("a chunk is plain data");
    Sealed { first_line: chunk.first_line, next_line: chunk.next_line(), payload: payload.into() }
}

impl State {
    fn shrink(&mut self, bytes: usize) {
        self.buffered_bytes = self.buffered_bytes.saturating_sub(bytes);
    }

    fn push(&mut self, entry: Entry, now_ms: i64) {
        let line = self.next_line;
        self.next_line += 1;
        self.left_bytes -= entry.text.len() as i64 + 1;
        self.buffered_bytes += entry.text.len();
        let fits = |chunk: &Chunk| chunk.kind.len() < CHUNK_LINES && chunk.body.len() + entry.text.len() < CHUNK_BYTES;
        if self.open.as_ref().is_some_and(|(chunk, _)| !fits(chunk)) {
            self.full.extend(self.open.take().map(|(chunk, _)| chunk));
        }
        let (chunk, _) = self.open.get_or_insert_with(|| {
            let empty = Chunk {
                first_line: line,
                base_ms: now_ms,
                dt_ms: Vec::new(),
                kind: Vec::new(),
                body: String::new(),
                marks: Vec::new(),
            };
            (empty, Instant::now())
        });
        if !chunk.kind.is_empty() {
            chunk.body.push('\n');
            self.buffered_bytes += 1;
        }
        chunk.body.push_str(&entry.text);
        // A wall clock that was set back by a month is not worth more than a wrong time in the log.
        chunk.dt_ms.push(i32::try_from(now_ms - chunk.base_ms).unwrap_or(0));
        chunk.kind.push(entry.kind);
        if let Some((kind, label)) = entry.mark.filter(|(kind, _)| self.marks.take(*kind)) {
            chunk.marks.push(Mark { line, kind, label });
        }
    }
}

//! One reader of one build's log, at its own place.

use std::collections::VecDeque;
use std::sync::Arc;

use plimsoll_db::watch::BuildState;
use tokio::sync::watch;

use super::{Batch, Head, LogHub, Watched};

/// Bytes of log one subscriber reads ahead from the database while it catches up.
const READ_AHEAD_BYTES: usize = 512 << 10;
const MAX_CHUNKS_PER_READ: usize = 16;

/// What a subscriber is handed, in this order: states as they change, lines without gap or repeat, one end.
#[derive(Debug, Clone)]
pub enum Item {
    State(Arc<BuildState>),
    Lines(Arc<Batch>),
    /// The build is finished and every line was handed over; absent state: the build is gone.
    End(Option<Arc<BuildState>>),
}

/// See [`super::LogHub::subscribe`]. Dropping it is all it takes to leave.
pub struct Subscription {
    hub: LogHub,
    build: Arc<Watched>,
    head: watch::Receiver<Head>,
    /// Number of the next line to hand over.
    cursor: i64,
    shown: Option<Arc<BuildState>>,
    read_ahead: VecDeque<Arc<Batch>>,
    /// Average bytes of the chunks read last, to know how many fit into [`READ_AHEAD_BYTES`].
    chunk_bytes: usize,
    ended: bool,
}

impl Subscription {
    pub(super) fn new(hub: LogHub, build: Arc<Watched>, from: i64) -> Self {
        let head = build.head.subscribe();
        Self {
            hub,
            build,
            head,
            cursor: from.max(1),
            shown: None,
            read_ahead: VecDeque::new(),
            chunk_bytes: READ_AHEAD_BYTES / 4,
            ended: false,
        }
    }

    /// Number of the next line this subscriber will be handed.
    pub fn next_line(&self) -> i64 {
        self.cursor
    }

    /// Waits for what comes next; `None` after the end, and when the server stops.
    ///
    /// Cancel safe: a call that is dropped while it waits loses nothing.
    pub async fn next(&mut self) -> plimsoll_db::Result<Option<Item>> {
        loop {
            if self.ended || self.hub.inner.shutdown.is_cancelled() {
                return Ok(None);
            }
            let head = self.head.borrow_and_update().clone();
            if let Some(item) = self.ready(&head).await? {
                return Ok(Some(item));
            }
            tokio::select! {
                changed = self.head.changed() => changed.expect("this subscription holds the sender"),
                () = self.hub.inner.shutdown.cancelled() => return Ok(None),
            }
        }
    }

    /// What can be handed over without waiting for the reader.
    async fn ready(&mut self, head: &Head) -> plimsoll_db::Result<Option<Item>> {
        // The last state is shown after the last line, so that who sees it may trust to have seen everything.
        let is_last = head.state.as_ref().is_some_and(|state| state.is_finished());
        if !is_last && let Some(item) = self.new_state(head) {
            return Ok(Some(item));
        }
        if self.cursor < head.next_line
            && let Some(batch) = self.next_batch().await?
        {
            self.cursor = batch.next_line();
            return Ok(Some(Item::Lines(batch)));
        }
        if !head.ended {
            return Ok(None);
        }
        if let Some(item) = self.new_state(head) {
            return Ok(Some(item));
        }
        self.ended = true;
        Ok(Some(Item::End(head.state.clone())))
    }

    fn new_state(&mut self, head: &Head) -> Option<Item> {
        let state = head.state.as_ref().filter(|state| self.shown.as_ref() != Some(*state))?;
        self.shown = Some(state.clone());
        Some(Item::State(state.clone()))
    }

    /// The lines from the cursor on; `None` when they are no longer stored.
    async fn next_batch(&mut self) -> plimsoll_db::Result<Option<Arc<Batch>>> {
        if let Some(batch) = self.read_ahead.pop_front() {
            return Ok(Some(batch));
        }
        let kept = self.build.ring().at(self.cursor);
        if let Some(batch) = kept {
            return Ok(if batch.first_line == self.cursor {
                Some(batch)
            } else {
                batch.tail(self.cursor).map(Arc::new)
            });
        }
        let chunk_limit = (READ_AHEAD_BYTES / self.chunk_bytes.max(1)).clamp(1, MAX_CHUNKS_PER_READ);
        let chunks = self.hub.read(self.build.build_id, self.cursor, chunk_limit as i32).await?;
        let bytes: usize = chunks.iter().map(|chunk| chunk.body.len()).sum();
        self.chunk_bytes = bytes / chunks.len().max(1);
        let mut next = self.cursor;
        for chunk in chunks {
            if let Some(batch) = Batch::from_chunk(chunk, next) {
                next = batch.next_line();
                self.read_ahead.push_back(Arc::new(batch));
            }
        }
        Ok(self.read_ahead.pop_front())
    }
}

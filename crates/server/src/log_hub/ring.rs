//! The newest lines of one build, so that subscribers who keep up never touch the database.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Batch;

/// Most bytes kept for one build; the newest batch stays whatever it weighs.
const MAX_BYTES: usize = 4 << 20;

#[derive(Debug, Default)]
pub(super) struct Ring {
    batches: VecDeque<Arc<Batch>>,
    bytes: usize,
}

impl Ring {
    /// Appends the lines that follow those already here.
    pub(super) fn push(&mut self, batch: Arc<Batch>) {
        self.bytes += batch.weight_bytes();
        self.batches.push_back(batch);
        while self.bytes > MAX_BYTES && self.batches.len() > 1 {
            let oldest = self.batches.pop_front().expect("more than one is there");
            self.bytes -= oldest.weight_bytes();
        }
    }

    /// The batch that holds line `line`.
    pub(super) fn at(&self, line: i64) -> Option<Arc<Batch>> {
        let index = self.batches.partition_point(|batch| batch.next_line() <= line);
        self.batches.get(index).filter(|batch| batch.first_line <= line).cloned()
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_db::logs::LogChunk;

    use super::*;

    fn batch(first_line: i64, lines: usize, line_bytes: usize) -> Arc<Batch> {
        let body = vec!["x".repeat(line_bytes); lines].join("\n");
        let chunk = LogChunk { first_line, base_ms: 0, dt_ms: vec![0; lines], kind: vec![0; lines], body };
        Arc::new(Batch::from_chunk(chunk, 1).unwrap())
    }

    #[test]
    fn finds_the_batch_that_holds_a_line() {
        let mut ring = Ring::default();
        assert!(ring.at(1).is_none());
        ring.push(batch(5, 3, 1));
        ring.push(batch(8, 1, 1));
        let found: Vec<Option<i64>> = (4..=9).map(|line| ring.at(line).map(|b| b.first_line)).collect();
        assert_eq!(found, [None, Some(5), Some(5), Some(5), Some(8), None]);
    }

    #[test]
    fn forgets_the_oldest_beyond_its_bytes_but_never_the_newest() {
        let mut ring = Ring::default();
        for index in 0..100 {
            ring.push(batch(1 + index * 10, 10, 10_000));
            assert!(ring.bytes <= MAX_BYTES);
        }
        assert!(ring.at(1).is_none());
        assert!(ring.at(1000).is_some());
        ring.push(batch(1001, 1, MAX_BYTES));
        assert_eq!(ring.batches.len(), 1);
        assert!(ring.at(1001).is_some());
    }
}

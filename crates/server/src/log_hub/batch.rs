//! Consecutive lines on their way to readers, and their rendering as a server-sent event.

use std::sync::OnceLock;

use bytes::Bytes;
use plimsoll_db::logs::LogChunk;

/// Lines `first_line..next_line` of one build.
#[derive(Debug)]
pub struct Batch {
    pub first_line: i64,
    /// Milliseconds since the Unix epoch, one a line.
    pub ts_ms: Vec<i64>,
    /// As `plimsoll_core::log::Kind` packs it, one a line.
    pub kind: Vec<i16>,
    /// The lines joined by `\n`.
    pub body: String,
    frame: OnceLock<Bytes>,
}

impl Batch {
    /// The lines of `chunk` from line `from` on; `None` when the chunk ends before it.
    pub fn from_chunk(chunk: LogChunk, from: i64) -> Option<Self> {
        let base_ms = chunk.base_ms;
        let mut batch = Self {
            first_line: chunk.first_line,
            ts_ms: chunk.dt_ms.iter().map(|dt| base_ms + i64::from(*dt)).collect(),
            kind: chunk.kind,
            body: chunk.body,
            frame: OnceLock::new(),
        };
        let skip = usize::try_from(from - batch.first_line).unwrap_or(0);
        if skip >= batch.line_count() {
            return None;
        }
        if skip > 0 {
            batch.first_line += skip as i64;
            batch.ts_ms.drain(..skip);
            batch.kind.drain(..skip);
            let cut = batch.body.match_indices('\n').nth(skip - 1).map_or(batch.body.len(), |(at, _)| at + 1);
            batch.body.drain(..cut);
        }
        Some(batch)
    }

    /// The same lines from `from` on, for a reader whose place is inside this batch; `None` when it is past it.
    pub fn tail(&self, from: i64) -> Option<Self> {
        let chunk = LogChunk {
            first_line: self.first_line,
            base_ms: 0,
            dt_ms: vec![0; self.line_count()],
            kind: self.kind.clone(),
            body: self.body.clone(),
        };
        let mut tail = Self::from_chunk(chunk, from)?;
        tail.ts_ms = self.ts_ms[self.ts_ms.len() - tail.kind.len()..].to_vec();
        Some(tail)
    }

    pub fn line_count(&self) -> usize {
        self.kind.len()
    }

    /// Number of the line after the last one.
    pub fn next_line(&self) -> i64 {
        self.first_line + self.line_count() as i64
    }

    pub fn lines(&self) -> impl Iterator<Item = (&str, i16)> {
        self.body.split('\n').zip(self.kind.iter().copied())
    }

    /// Bytes this batch keeps in memory, its frame included.
    pub fn weight_bytes(&self) -> usize {
        2 * self.body.len() + 32 * self.line_count()
    }

    /// The event `lines`, rendered once however many readers take it. Its id is the last line's number.
    pub fn frame(&self) -> Bytes {
        self.frame.get_or_init(|| self.render()).clone()
    }

    fn render(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.body.len() + 24 * self.line_count() + 96);
        out.extend_from_slice(format!("id: {}\nevent: lines\ndata: ", self.next_line() - 1).as_bytes());
        self.write_json(&mut out);
        out.extend_from_slice(b"\n\n");
        out.into()
    }

    /// `{"first_line":…,"ts":[…],"kind":[…],"text":[…]}`: JSON escapes line breaks, so it is one `data:` line.
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{{\"first_line\":{},\"ts\":", self.first_line).as_bytes());
        write_value(out, &self.ts_ms);
        out.extend_from_slice(b",\"kind\":");
        write_value(out, &self.kind);
        out.extend_from_slice(b",\"text\":[");
        for (index, line) in self.body.split('\n').enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_value(out, line);
        }
        out.extend_from_slice(b"]}");
    }
}

fn write_value<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("numbers and strings are JSON, and a Vec takes any number of bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk() -> LogChunk {
        LogChunk {
            first_line: 10,
            base_ms: 1_000,
            dt_ms: vec![0, 5, 9],
            kind: vec![9, 41, 9],
            body: "a\n\u{1b}[31mb\"\n".into(),
        }
    }

    #[test]
    fn an_event_carries_its_last_line_as_id() {
        let batch = Batch::from_chunk(chunk(), 1).unwrap();
        let frame = String::from_utf8(batch.frame().to_vec()).unwrap();
        let data = frame.strip_prefix("id: 12\nevent: lines\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
        let value: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"first_line": 10, "ts": [1000, 1005, 1009], "kind": [9, 41, 9], "text": ["a", "\u{1b}[31mb\"", ""]})
        );
    }

    #[test]
    fn cutting_a_chunk_keeps_columns_together() {
        for (from, text) in [(9, "a\n\u{1b}[31mb\"\n"), (10, "a\n\u{1b}[31mb\"\n"), (11, "\u{1b}[31mb\"\n"), (12, "")] {
            let whole = Batch::from_chunk(chunk(), 1).unwrap();
            for batch in [Batch::from_chunk(chunk(), from).unwrap(), whole.tail(from).unwrap()] {
                assert_eq!((batch.first_line, batch.body.as_str()), (from.max(10), text));
                assert_eq!(batch.ts_ms.len(), batch.line_count());
                assert_eq!(batch.next_line(), 13);
                assert_eq!(batch.lines().count(), batch.line_count());
                assert_eq!(batch.ts_ms.last(), Some(&1009));
            }
        }
        assert!(Batch::from_chunk(chunk(), 13).is_none());
        assert!(Batch::from_chunk(chunk(), 14).is_none());
    }
}

//! Chunks of log that the server has not acknowledged, kept on disk so that a long outage costs no memory.
//!
//! Chunks are appended to segment files and never changed. A segment is deleted once all its chunks are acknowledged.
//! What was appended last also stays in memory while there is room, so that a healthy connection never reads the disk.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// A segment is closed once it has this many bytes.
const SEGMENT_BYTES: u64 = 8 << 20;
/// Chunks that stay in memory besides being on disk.
const RESIDENT_BYTES: u64 = 4 << 20;

/// A chunk as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) first_line: i64,
    pub(crate) next_line: i64,
    /// JSON of a `plimsoll_core::log::Chunk`.
    pub(crate) payload: Bytes,
}

struct Record {
    first_line: i64,
    next_line: i64,
    segment: u64,
    offset: u64,
    length: usize,
    payload: Option<Bytes>,
}

pub(crate) struct Spool {
    folder: PathBuf,
    records: VecDeque<Record>,
    segment: u64,
    file: Option<File>,
    segment_bytes: u64,
    total_bytes: u64,
    resident_bytes: u64,
}

impl Spool {
    /// `folder` must exist and be this spool's alone.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            records: VecDeque::new(),
            segment: 0,
            file: None,
            segment_bytes: 0,
            total_bytes: 0,
            resident_bytes: 0,
        }
    }

    /// Bytes of all chunks not yet acknowledged.
    pub(crate) fn bytes(&self) -> u64 {
        self.total_bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// # Errors
    /// When the disk does not take it; the spool is then as before.
    pub(crate) fn append(&mut self, chunk: Sealed) -> std::io::Result<()> {
        if self.segment_bytes >= SEGMENT_BYTES {
            self.file = None;
        }
        if self.file.is_none() {
            self.segment += 1;
            self.segment_bytes = 0;
            self.file = Some(File::options().create_new(true).read(true).write(true).open(self.path(self.segment))?);
        }
        let file = self.file.as_mut().expect("opened above");
        if let Err(error) = file.write_all(&chunk.payload) {
            // Part of it may be there: the next chunk starts a new segment.
            self.segment_bytes = SEGMENT_BYTES;
            return Err(error);
        }
        let length = chunk.payload.len() as u64;
        let resident = self.resident_bytes + length <= RESIDENT_BYTES;
        if resident {
            self.resident_bytes += length;
        }
        self.records.push_back(Record {
            first_line: chunk.first_line,
            next_line: chunk.next_line,
            segment: self.segment,
            offset: self.segment_bytes,
            length: chunk.payload.len(),
            payload: resident.then_some(chunk.payload),
        });
        self.segment_bytes += length;
        self.total_bytes += length;
        Ok(())
    }

    /// The oldest chunk that is not acknowledged.
    ///
    /// # Errors
    /// When it cannot be read back from disk.
    pub(crate) fn front(&self) -> std::io::Result<Option<Sealed>> {
        let Some(record) = self.records.front() else { return Ok(None) };
        let payload = match &record.payload {
            Some(payload) => payload.clone(),
            None => self.read(record)?,
        };
        Ok(Some(Sealed { first_line: record.first_line, next_line: record.next_line, payload }))
    }

    fn read(&self, record: &Record) -> std::io::Result<Bytes> {
        let mut payload = vec![0; record.length];
        File::open(self.path(record.segment))?.read_exact_at(&mut payload, record.offset)?;
        Ok(payload.into())
    }

    /// Forgets the chunks that lie wholly below `next_line`.
    pub(crate) fn acknowledge(&mut self, next_line: i64) {
        while self.records.front().is_some_and(|record| record.next_line <= next_line) {
            let Some(record) = self.records.pop_front() else { return };
            self.total_bytes -= record.length as u64;
            if record.payload.is_some() {
                self.resident_bytes -= record.length as u64;
            }
            if self.records.front().is_none_or(|next| next.segment != record.segment) {
                self.drop_segment(record.segment);
            }
        }
    }

    fn drop_segment(&mut self, segment: u64) {
        if segment == self.segment {
            self.file = None;
        }
        if let Err(error) = std::fs::remove_file(self.path(segment)) {
            tracing::warn!(error = %error, "cannot delete an acknowledged piece of log: {error}");
        }
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:08}.seg"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(first_line: i64, bytes: usize) -> Sealed {
        let fill = u8::try_from(first_line % 251).unwrap();
        Sealed { first_line, next_line: first_line + 1, payload: vec![fill; bytes].into() }
    }

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn chunks_come_back_in_order_and_whole_beyond_what_memory_keeps() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path());
        for line in 1..=40 {
            spool.append(chunk(line, 1 << 20)).unwrap();
        }
        assert_eq!(spool.bytes(), 40 << 20);
        assert!(spool.resident_bytes <= RESIDENT_BYTES);
        for line in 1..=40 {
            let front = spool.front().unwrap().unwrap();
            assert_eq!((front.first_line, &front.payload), (line, &chunk(line, 1 << 20).payload));
            spool.acknowledge(line + 1);
        }
        assert!(spool.is_empty());
        assert_eq!((spool.bytes(), spool.resident_bytes, files(folder.path())), (0, 0, 0));
        spool.append(chunk(41, 10)).unwrap();
        assert_eq!(spool.front().unwrap().unwrap().first_line, 41);
    }

    #[test]
    fn an_acknowledgement_inside_a_chunk_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path());
        spool.append(Sealed { first_line: 1, next_line: 11, payload: Bytes::from_static(b"ten lines") }).unwrap();
        spool.acknowledge(5);
        assert_eq!(spool.front().unwrap().unwrap().first_line, 1);
    }

    #[test]
    fn a_full_disk_is_an_error_and_loses_nothing_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path());
        spool.append(chunk(1, 10)).unwrap();
        spool.file = Some(File::options().write(true).open("/dev/full").unwrap());
        let error = spool.append(chunk(2, 10)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        assert_eq!(spool.front().unwrap().unwrap().first_line, 1);
    }
}

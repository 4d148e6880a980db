//! Log lines on the wire and at rest: columns instead of rows, because a chunk of 500 lines costs one insert.

use serde::{Deserialize, Serialize};

use crate::status::{Level, Phase};

/// Most lines one chunk may carry.
pub const MAX_CHUNK_LINES: usize = 5_000;
/// Most bytes of text one chunk may carry.
pub const MAX_CHUNK_BYTES: usize = 1 << 20;
/// Most bytes one stored line may have; a longer one is split and all parts but the last say [`Kind::CONTINUES`].
pub const MAX_LINE_BYTES: usize = 16 << 10;

/// What a line is, packed as `ops.log_chunks.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(pub i16);

impl Kind {
    /// The line came from standard error.
    pub const STDERR: i16 = 1 << 5;
    /// The line goes on in the next one: the original had no line break here.
    pub const CONTINUES: i16 = 1 << 6;
    /// Bytes that are not UTF-8, or are NUL, stand as `\xHH`, and a backslash as `\\`.
    pub const ESCAPED: i16 = 1 << 7;

    pub const fn new(phase: Phase, level: Level) -> Self {
        let phase = match phase {
            Phase::Checkout => 0,
            Phase::Build => 1,
            Phase::Test => 2,
            Phase::Package => 3,
            Phase::Deploy => 4,
            Phase::Promote => 5,
            Phase::System => 6,
        };
        let level = match level {
            Level::Debug => 0,
            Level::Info => 1,
            Level::Warn => 2,
            Level::Error => 3,
        };
        Self(phase | level << 3)
    }

    pub const fn with(self, flag: i16) -> Self {
        Self(self.0 | flag)
    }

    pub const fn has(self, flag: i16) -> bool {
        self.0 & flag != 0
    }

    pub const fn phase(self) -> Phase {
        match self.0 & 0b111 {
            0 => Phase::Checkout,
            1 => Phase::Build,
            2 => Phase::Test,
            3 => Phase::Package,
            4 => Phase::Deploy,
            5 => Phase::Promote,
            _ => Phase::System,
        }
    }

    pub const fn level(self) -> Level {
        match self.0 >> 3 & 0b11 {
            0 => Level::Debug,
            1 => Level::Info,
            2 => Level::Warn,
            _ => Level::Error,
        }
    }
}

/// Where a reader of the log may want to jump to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Line number in the build, from 1.
    pub line: i64,
    pub kind: MarkKind,
    #[serde(default)]
    pub label: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    Error,
    Warning,
    Group,
    GroupEnd,
    Step,
    Phase,
}

/// Most marks of one kind that one attempt keeps: a log of a million errors is read from its first ones.
pub const MAX_MARKS_OF_A_KIND: u32 = 4_000;

/// Counts the marks of an attempt, so that a log that is nothing but errors does not become an index as long as itself.
/// Steps and phases always pass: the build's definition limits them.
#[derive(Debug, Clone, Default)]
pub struct MarkBudget {
    used: [u32; 4],
}

impl MarkBudget {
    /// Whether one more mark of this kind may be kept; counts it if so.
    pub fn take(&mut self, kind: MarkKind) -> bool {
        let used = match kind {
            MarkKind::Error => &mut self.used[0],
            MarkKind::Warning => &mut self.used[1],
            MarkKind::Group => &mut self.used[2],
            MarkKind::GroupEnd => &mut self.used[3],
            MarkKind::Step | MarkKind::Phase => return true,
        };
        *used = used.saturating_add(1);
        *used <= MAX_MARKS_OF_A_KIND
    }
}

/// Consecutive lines of one build. `body` is the lines joined by `\n`; `dt_ms` and `kind` have one entry a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Number of the first line, from 1.
    pub first_line: i64,
    /// Milliseconds since the Unix epoch that `dt_ms` counts from.
    pub base_ms: i64,
    pub dt_ms: Vec<i32>,
    pub kind: Vec<Kind>,
    pub body: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// Why a chunk cannot be stored.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadChunk {
    #[error("first_line is {0}; lines count from 1")]
    FirstLine(i64),
    #[error("a chunk carries 1 to {MAX_CHUNK_LINES} lines, this one has {0}")]
    LineCount(usize),
    #[error("a chunk carries at most {MAX_CHUNK_BYTES} bytes, this one has {0}")]
    Bytes(usize),
    #[error("body has {body} lines, dt_ms {dt_ms} and kind {kind}: all three must be the same")]
    Columns { body: usize, dt_ms: usize, kind: usize },
    #[error("body holds a NUL, which PostgreSQL cannot store: send the line escaped")]
    Nul,
    #[error("mark on line {line}, outside this chunk's {first}..={last}")]
    Mark { line: i64, first: i64, last: i64 },
}

impl Chunk {
    pub fn line_count(&self) -> usize {
        self.kind.len()
    }

    /// Number of the line after the last one.
    pub fn next_line(&self) -> i64 {
        self.first_line + self.line_count() as i64
    }

    /// Checks what the database would refuse or could not number.
    pub fn check(&self) -> Result<(), BadChunk> {
        let n = self.kind.len();
        if self.first_line < 1 {
            return Err(BadChunk::FirstLine(self.first_line));
        }
        if n == 0 || n > MAX_CHUNK_LINES {
            return Err(BadChunk::LineCount(n));
        }
        if self.body.len() > MAX_CHUNK_BYTES {
            return Err(BadChunk::Bytes(self.body.len()));
        }
        let body = self.body.bytes().filter(|b| *b == b'\n').count() + 1;
        if body != n || self.dt_ms.len() != n {
            return Err(BadChunk::Columns { body, dt_ms: self.dt_ms.len(), kind: n });
        }
        if self.body.as_bytes().contains(&0) {
            return Err(BadChunk::Nul);
        }
        let last = self.next_line() - 1;
        match self.marks.iter().find(|m| m.line < self.first_line || m.line > last) {
            Some(mark) => Err(BadChunk::Mark { line: mark.line, first: self.first_line, last }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;

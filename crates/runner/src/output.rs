//! Reads what a process writes, masks it, splits it into lines and gives them to the journal.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::lines::{Line, LineSplitter};
use plimsoll_core::log::Kind;
use plimsoll_core::mask::{Masker, Secrets};
use plimsoll_core::status::Phase;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{ChildStderr, ChildStdout};
use tokio_util::sync::CancellationToken;

use crate::journal::{Entry, Journal};

const READ_BYTES: usize = 64 << 10;
/// Silence of a pipe, after all known processes have ended, until it is taken for held open by a stranger.
const STRANGER_SILENCE: Duration = Duration::from_secs(2);

/// One of a process's two streams.
struct Stream {
    masker: Masker,
    splitter: LineSplitter,
    phase: Phase,
    flag: i16,
    /// Bytes were seen that the splitter drops, which may join the two halves of a secret: lines are masked once more.
    drops: bool,
    masked: Vec<u8>,
    lines: Vec<Line>,
}

impl Stream {
    fn new(secrets: &Secrets, phase: Phase, flag: i16) -> Self {
        Self {
            masker: secrets.masker(),
            splitter: LineSplitter::new(),
            phase,
            flag,
            drops: false,
            masked: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn feed(&mut self, bytes: &[u8], journal: &Journal) {
        self.drops = self.drops || bytes.iter().any(|byte| matches!(byte, 0x1b | b'\r'));
        self.masker.push(bytes, &mut self.masked);
        self.splitter.push(&self.masked, &mut self.lines);
        self.masked.clear();
        self.write(journal);
    }

    fn end(&mut self, journal: &Journal) {
        self.masker.flush(&mut self.masked);
        self.splitter.push(&self.masked, &mut self.lines);
        self.splitter.flush(&mut self.lines);
        self.masked.clear();
        self.write(journal);
    }

    fn write(&mut self, journal: &Journal) {
        if self.lines.is_empty() {
            return;
        }
        let (phase, flag) = (self.phase, self.flag);
        let mask = |text: String| if self.drops { journal.secrets.mask(&text) } else { text };
        let entries = self.lines.drain(..).map(|line| Entry {
            text: mask(line.text),
            kind: Kind::new(phase, line.level).with(flag | line.flags),
            mark: line.mark.map(|(kind, label)| (kind, mask(label))),
        });
        journal.write(entries.collect());
    }
}

/// Reads both streams to their ends, in the order things arrive. `ended` says that all processes that are known to
/// write have ended.
pub(crate) async fn capture(
    mut stdout: ChildStdout,
    mut stderr: ChildStderr,
    phase: Phase,
    journal: Arc<Journal>,
    ended: CancellationToken,
) {
    let mut out = Stream::new(&journal.secrets, phase, 0);
    let mut err = Stream::new(&journal.secrets, phase, Kind::STDERR);
    let (mut out_buffer, mut err_buffer) = (vec![0; READ_BYTES], vec![0; READ_BYTES]);
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        tokio::select! {
            read = read(&mut stdout, &mut out_buffer), if out_open => match read {
                0 => out_open = false,
                n => out.feed(&out_buffer[..n], &journal),
            },
            read = read(&mut stderr, &mut err_buffer), if err_open => match read {
                0 => err_open = false,
                n => err.feed(&err_buffer[..n], &journal),
            },
            () = silent_after(&ended) => break,
        }
        journal.room().await;
    }
    out.end(&journal);
    err.end(&journal);
}

/// Zero at the end; a broken pipe is an end too.
async fn read(stream: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> usize {
    stream.read(buffer).await.unwrap_or(0)
}

async fn silent_after(ended: &CancellationToken) {
    ended.cancelled().await;
    tokio::time::sleep(STRANGER_SILENCE).await;
}

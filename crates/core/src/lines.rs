//! From a step's bytes to log lines.
//!
//! Nothing that was written is lost, with two exceptions that a terminal makes too: what a carriage return overwrites
//! (progress bars keep their last state), and terminal escapes other than colours (`CSI … m`), which could do things to
//! the terminal of whoever reads the log. Bytes that are not text are kept as `\xHH` and can be had back with
//! [`unescape`].

use crate::log::{Kind, MAX_LINE_BYTES, MarkKind};
use crate::status::Level;

mod classify;
mod token;

pub use classify::{classify, marker, without_colours};
use token::Token;

/// Longest label of a mark, in characters.
pub const MAX_LABEL_CHARS: usize = 200;

/// One line, or a part of one that was too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Without its line break; at most [`MAX_LINE_BYTES`].
    pub text: String,
    /// [`Kind::CONTINUES`] and [`Kind::ESCAPED`], to be joined with phase, level and stream.
    pub flags: i16,
    pub level: Level,
    /// Where a reader may want to jump to, and what to call it.
    pub mark: Option<(MarkKind, String)>,
}

/// Splits one stream. Cutting the bytes otherwise changes nothing.
#[derive(Debug, Default)]
pub struct LineSplitter {
    /// Bytes of a token that is not complete yet: at most a few kilobytes.
    pending: Vec<u8>,
    piece: Piece,
    /// A carriage return was read: what follows overwrites the line, unless it is a line break.
    at_start: bool,
    /// The piece before was a part of the same line, and had this level.
    continued: Option<Level>,
}

/// The line so far. Escaped only from the first byte on that needs it.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    backslashes: usize,
    escaped: bool,
}

impl LineSplitter {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `bytes` and appends the lines that are complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Line>) {
        if self.pending.is_empty() {
            let used = self.read(bytes, false, out);
            self.pending.extend_from_slice(&bytes[used..]);
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(bytes);
            let used = self.read(&joined, false, out);
            joined.drain(..used);
            self.pending = joined;
        }
    }

    /// The stream has ended: appends what is left as a line, if there is anything.
    pub fn flush(&mut self, out: &mut Vec<Line>) {
        let rest = std::mem::take(&mut self.pending);
        self.read(&rest, true, out);
        if !self.piece.text.is_empty() || self.continued.is_some() {
            self.emit(0, out);
        }
        self.at_start = false;
    }

    /// Bytes read that are not yet part of a line handed out.
    pub fn held_bytes(&self) -> usize {
        self.pending.len() + self.piece.text.len()
    }

    fn read(&mut self, bytes: &[u8], at_end: bool, out: &mut Vec<Line>) -> usize {
        let mut used = 0;
        while let Some((token, length)) = token::next(&bytes[used..], at_end) {
            self.take(token, &bytes[used..used + length], out);
            used += length;
        }
        used
    }

    fn take(&mut self, token: Token, bytes: &[u8], out: &mut Vec<Line>) {
        match token {
            Token::Newline => {
                self.at_start = false;
                self.emit(0, out);
            }
            Token::Return => self.at_start = true,
            Token::Erase => {
                self.piece.clear();
                self.at_start = false;
            }
            // Erasing to the end matters only right after a return: else it erases what was never written.
            Token::EraseToEnd if self.at_start => self.piece.clear(),
            Token::EraseToEnd | Token::Dropped => {}
            Token::Text | Token::Char | Token::Colour | Token::Backslash | Token::Byte => {
                if std::mem::take(&mut self.at_start) {
                    self.piece.clear();
                }
                self.append(token, bytes, out);
            }
        }
    }

    fn append(&mut self, token: Token, mut bytes: &[u8], out: &mut Vec<Line>) {
        // Only plain text comes in long runs, and it may be cut anywhere.
        while token == Token::Text && bytes.len() > self.piece.room(token) {
            let (fits, rest) = bytes.split_at(self.piece.room(token));
            self.piece.add(token, fits);
            self.emit(Kind::CONTINUES, out);
            bytes = rest;
        }
        if !self.piece.fits(token, bytes.len()) {
            self.emit(Kind::CONTINUES, out);
        }
        self.piece.add(token, bytes);
    }

    fn emit(&mut self, flag: i16, out: &mut Vec<Line>) {
        let (text, flags) = self.piece.finish();
        let (level, mark) = match self.continued {
            Some(level) => (level, None),
            None => classify::level_and_mark(&without_colours(&text)),
        };
        self.continued = (flag == Kind::CONTINUES).then_some(level);
        out.push(Line { text, flags: flags | flag, level, mark });
    }
}

impl Piece {
    fn clear(&mut self) {
        self.text.clear();
        self.backslashes = 0;
        self.escaped = false;
    }

    /// Bytes that may be added, were `token` the next.
    fn room(&self, token: Token) -> usize {
        let doubled = if !self.escaped && token == Token::Byte { self.backslashes } else { 0 };
        MAX_LINE_BYTES.saturating_sub(self.text.len() + doubled)
    }

    fn fits(&self, token: Token, length: usize) -> bool {
        let length = if self.escaped || token == Token::Byte { token.escaped_len(length) } else { length };
        length <= self.room(token)
    }

    fn add(&mut self, token: Token, bytes: &[u8]) {
        match token {
            Token::Byte => {
                if !std::mem::replace(&mut self.escaped, true) {
                    self.text = self.text.replace('\\', "\\\\");
                }
                bytes.iter().for_each(|byte| push_hex(*byte, &mut self.text));
            }
            Token::Backslash if self.escaped => self.text.push_str("\\\\"),
            // Recognised as UTF-8, so nothing is replaced.
            _ => self.text.push_str(&String::from_utf8_lossy(bytes)),
        }
        self.backslashes += usize::from(token == Token::Backslash);
    }

    fn finish(&mut self) -> (String, i16) {
        let flags = if self.escaped { Kind::ESCAPED } else { 0 };
        let text = std::mem::take(&mut self.text);
        self.clear();
        (text, flags)
    }
}

/// A label cut to [`MAX_LABEL_CHARS`].
fn label(text: &str) -> String {
    text.trim().chars().take(MAX_LABEL_CHARS).collect()
}

/// Text with `\xHH` for every byte that cannot stand in a line, and `\\` for a backslash.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    let mut rest = bytes;
    while let Some((token, length)) = token::next(rest, true) {
        let (bytes, tail) = rest.split_at(length);
        rest = tail;
        match token {
            Token::Backslash => out.push_str("\\\\"),
            // Everything but these two is valid UTF-8 by the way it was recognised.
            Token::Text | Token::Char | Token::Colour => out.push_str(&String::from_utf8_lossy(bytes)),
            _ => bytes.iter().for_each(|byte| push_hex(*byte, &mut out)),
        }
    }
    out
}

fn push_hex(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push_str("\\x");
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// The bytes of a line that says [`Kind::ESCAPED`]. Anything that [`escape`] would not have written stays as it is.
pub fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex =
            |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (bytes[i], bytes.get(i + 1)) {
            (b'\\', Some(b'\\')) => {
                out.push(b'\\');
                i += 2;
            }
            (b'\\', Some(b'x')) if hex(i + 2).is_some() && hex(i + 3).is_some() => {
                out.push(hex(i + 2).unwrap_or(0) << 4 | hex(i + 3).unwrap_or(0));
                i += 4;
            }
            (byte, _) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;

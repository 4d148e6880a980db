//! Stored lines as the plain text a terminal or a file wants.

use plimsoll_core::log::Kind;

/// How text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text alone: every terminal sequence is taken out.
    Plain,
    /// Colours (SGR) kept, every other terminal sequence taken out: it could move the cursor or retitle the window.
    Colour,
    /// The bytes as the step wrote them.
    Raw,
}

/// Writes lines one after the other. It remembers where it stands, because a long line is stored in parts and a
/// terminal sequence may be cut by their border.
#[derive(Debug)]
pub(crate) struct Writer {
    format: Format,
    escape: Escape,
}

/// Where in a terminal sequence (ECMA-48) the text stands.
#[derive(Debug, Default)]
enum Escape {
    #[default]
    None,
    /// After ESC.
    Start,
    /// After `ESC [`, with what followed so far.
    Control(Vec<u8>),
    /// In an operating system command or another string; `true` after an ESC that may end it.
    String(bool),
    /// After ESC and an intermediate byte: one more follows.
    Intermediate,
}

/// A control sequence longer than this is no colour.
const MAX_CONTROL_BYTES: usize = 64;

impl Writer {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, escape: Escape::None }
    }

    /// Appends one stored line to `out`, with its line break unless it goes on in the next one.
    pub(crate) fn line(&mut self, text: &str, kind: Kind, out: &mut Vec<u8>) {
        if self.format == Format::Raw {
            if kind.has(Kind::ESCAPED) { unescape(text, out) } else { out.extend_from_slice(text.as_bytes()) }
        } else {
            self.filter(text.as_bytes(), out);
        }
        if !kind.has(Kind::CONTINUES) {
            out.push(b'\n');
            self.escape = Escape::None;
        }
    }

    fn filter(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for byte in text.iter().copied() {
            match &mut self.escape {
                Escape::None if byte == 0x1b => self.escape = Escape::Start,
                Escape::None => {
                    // A tab is text; the other control characters are orders to a terminal.
                    if byte == b'\t' || (byte >= 0x20 && byte != 0x7f) {
                        out.push(byte);
                    }
                }
                Escape::Start => {
                    self.escape = match byte {
                        b'[' => Escape::Control(Vec::new()),
                        b']' | b'P' | b'X' | b'^' | b'_' => Escape::String(false),
                        0x20..=0x2f => Escape::Intermediate,
                        0x1b => Escape::Start,
                        _ => Escape::None,
                    }
                }
                Escape::Control(parameters) => match byte {
                    0x40..=0x7e => {
                        if byte == b'm' && self.format == Format::Colour {
                            out.extend_from_slice(b"\x1b[");
                            out.extend_from_slice(parameters);
                            out.push(b'm');
                        }
                        self.escape = Escape::None;
                    }
                    0x20..=0x3f if parameters.len() < MAX_CONTROL_BYTES => parameters.push(byte),
                    0x1b => self.escape = Escape::Start,
                    _ => self.escape = Escape::None,
                },
                Escape::String(ending) => match (byte, *ending) {
                    (0x07, _) | (b'\\', true) => self.escape = Escape::None,
                    _ => *ending = byte == 0x1b,
                },
                Escape::Intermediate => self.escape = Escape::None,
            }
        }
    }
}

/// Turns `\xHH` and `\\` back into the bytes they stand for. What is neither stays as it is.
fn unescape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(br"\\") {
            out.push(b'\\');
            at += 2;
        } else if let Some(byte) = rest.strip_prefix(br"\x").and_then(hex_byte) {
            out.push(byte);
            at += 4;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits.get(..2)?).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use plimsoll_core::status::{Level, Phase};

    use super::*;

    const LINE: Kind = Kind::new(Phase::Build, Level::Info);

    fn write(format: Format, lines: &[(&str, Kind)]) -> Vec<u8> {
        let mut writer = Writer::new(format);
        let mut out = Vec::new();
        for (text, kind) in lines {
            writer.line(text, *kind, &mut out);
        }
        out
    }

    #[test]
    fn colours_stay_only_when_asked_for_and_other_sequences_never_do() {
        let line = "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2Jcleared\u{1b}]0;title\u{7}\u{1b}]8;;x\u{1b}\\link\u{1b}(B\u{1b}7\u{8}!\ttab";
        assert_eq!(write(Format::Plain, &[(line, LINE)]), b"red clearedlink!\ttab\n");
        assert_eq!(write(Format::Colour, &[(line, LINE)]), b"\x1b[1;31mred\x1b[0m clearedlink!\ttab\n");
        assert_eq!(write(Format::Raw, &[(line, LINE)]), format!("{line}\n").into_bytes());
    }

    #[test]
    fn parts_of_one_line_come_out_as_one_even_where_a_sequence_is_cut() {
        let parts = [("a\u{1b}[3", LINE.with(Kind::CONTINUES)), ("1mb", LINE), ("c", LINE)];
        assert_eq!(write(Format::Plain, &parts), b"ab\nc\n");
        assert_eq!(write(Format::Colour, &parts), b"a\x1b[31mb\nc\n");
    }

    #[test]
    fn an_unfinished_sequence_does_not_eat_the_next_line() {
        assert_eq!(write(Format::Plain, &[("a\u{1b}]0;never ends", LINE), ("b", LINE)]), b"a\nb\n");
    }

    #[test]
    fn escaped_bytes_come_back_raw_and_stay_readable_otherwise() {
        let escaped = LINE.with(Kind::ESCAPED);
        assert_eq!(write(Format::Raw, &[(r"a\x00\xffb\\x41\xzz", escaped)]), b"a\x00\xffb\\x41\\xzz\n");
        assert_eq!(write(Format::Plain, &[(r"a\x00", escaped)]), b"a\\x00\n");
        assert_eq!(write(Format::Raw, &[(r"C:\x41", LINE)]), b"C:\\x41\n", "not escaped: a backslash is itself");
    }

    #[test]
    fn text_beyond_ascii_passes() {
        assert_eq!(write(Format::Plain, &[("größe ✓", LINE)]), "größe ✓\n".as_bytes());
    }
}

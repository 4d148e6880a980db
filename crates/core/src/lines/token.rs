//! The smallest things that a line is made of, and is never cut inside of.

/// Longest colour sequence that is kept whole, in bytes; a longer one is no colour.
const MAX_COLOUR_BYTES: usize = 64;
/// Longest terminal escape that is recognised, in bytes. Titles and hyperlinks can be long.
const MAX_ESCAPE_BYTES: usize = 4_096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A run of printable ASCII without backslashes, tabs included.
    Text,
    /// One character beyond ASCII.
    Char,
    /// `CSI … m`.
    Colour,
    /// Doubled where the line is escaped.
    Backslash,
    /// A byte that cannot stand in a line as it is: not UTF-8, NUL, or a control character.
    Byte,
    /// `\n`.
    Newline,
    /// `\r`, or moving the cursor to the first column.
    Return,
    /// Erases the whole line.
    Erase,
    /// Erases from the cursor on.
    EraseToEnd,
    /// Any other terminal escape.
    Dropped,
}

impl Token {
    /// Bytes that `length` bytes of this token have when the line is escaped.
    pub(super) const fn escaped_len(self, length: usize) -> usize {
        match self {
            Self::Backslash => 2 * length,
            Self::Byte => 4 * length,
            _ => length,
        }
    }
}

/// The first token of `bytes` and its length. None: `bytes` is empty, or more bytes are needed to tell, which with
/// `at_end` will not come.
pub(super) fn next(bytes: &[u8], at_end: bool) -> Option<(Token, usize)> {
    let first = *bytes.first()?;
    match first {
        b'\n' => Some((Token::Newline, 1)),
        b'\r' => Some((Token::Return, 1)),
        b'\\' => Some((Token::Backslash, 1)),
        0x1b => escape_sequence(bytes, at_end),
        _ if is_plain(first) => Some((Token::Text, bytes.iter().position(|b| !is_plain(*b)).unwrap_or(bytes.len()))),
        0x80.. => character(bytes, at_end),
        _ => Some((Token::Byte, 1)),
    }
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'[' | b']'..=b'~')
}

fn character(bytes: &[u8], at_end: bool) -> Option<(Token, usize)> {
    let window = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(window) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) if error.error_len().is_none() && !at_end => return None,
        Err(_) => "",
    };
    match valid.chars().next() {
        // C1 control characters: some terminals take U+009B for the beginning of an escape.
        Some('\u{80}'..='\u{9f}') | None => Some((Token::Byte, 1)),
        Some(c) => Some((Token::Char, c.len_utf8())),
    }
}

/// Escapes as in ECMA-48. One that is malformed, too long, or broken off by a line break is no escape: its ESC is a byte
/// like any other and the rest is text.
fn escape_sequence(bytes: &[u8], at_end: bool) -> Option<(Token, usize)> {
    let found = match bytes.get(1) {
        None => Scan::Unfinished,
        Some(b'[') => csi(bytes),
        // OSC, DCS, SOS, PM, APC: strings up to BEL or ST.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => string(bytes),
        Some(0x20..=0x2f) => intermediate(bytes),
        Some(0x30..=0x7e) => Scan::Found(Token::Dropped, 2),
        Some(_) => Scan::Malformed,
    };
    match found {
        Scan::Found(token, length) => Some((token, length)),
        Scan::Unfinished if !at_end && bytes.len() < MAX_ESCAPE_BYTES => None,
        Scan::Unfinished | Scan::Malformed => Some((Token::Byte, 1)),
    }
}

enum Scan {
    Found(Token, usize),
    Unfinished,
    Malformed,
}

fn csi(bytes: &[u8]) -> Scan {
    let body = &bytes[2..bytes.len().min(MAX_ESCAPE_BYTES)];
    let parameters = body.iter().position(|b| !matches!(b, 0x30..=0x3f)).unwrap_or(body.len());
    let rest = &body[parameters..];
    let Some(intermediates) = rest.iter().position(|b| !matches!(b, 0x20..=0x2f)) else { return Scan::Unfinished };
    let last = rest[intermediates];
    if !matches!(last, 0x40..=0x7e) {
        return Scan::Malformed;
    }
    let length = 2 + parameters + intermediates + 1;
    let token = match (last, intermediates, &body[..parameters]) {
        (b'm', 0, parameters) if length <= MAX_COLOUR_BYTES && parameters.iter().all(|b| matches!(b, b'0'..=b';')) => {
            Token::Colour
        }
        (b'K', 0, b"2") => Token::Erase,
        (b'K', 0, b"" | b"0") | (b'J', 0, b"" | b"0") => Token::EraseToEnd,
        (b'G', 0, b"" | b"0" | b"1") => Token::Return,
        _ => Token::Dropped,
    };
    Scan::Found(token, length)
}

fn string(bytes: &[u8]) -> Scan {
    let body = &bytes[2..bytes.len().min(MAX_ESCAPE_BYTES)];
    for (i, byte) in body.iter().enumerate() {
        match byte {
            0x07 => return Scan::Found(Token::Dropped, 2 + i + 1),
            0x1b => {
                return match body.get(i + 1) {
                    Some(b'\\') => Scan::Found(Token::Dropped, 2 + i + 2),
                    Some(_) => Scan::Malformed,
                    None => Scan::Unfinished,
                };
            }
            b'\n' | b'\r' | 0 => return Scan::Malformed,
            _ => {}
        }
    }
    Scan::Unfinished
}

fn intermediate(bytes: &[u8]) -> Scan {
    let body = &bytes[1..bytes.len().min(MAX_ESCAPE_BYTES)];
    match body.iter().position(|b| !matches!(b, 0x20..=0x2f)) {
        None => Scan::Unfinished,
        Some(at) if matches!(body[at], 0x30..=0x7e) => Scan::Found(Token::Dropped, 1 + at + 1),
        Some(_) => Scan::Malformed,
    }
}

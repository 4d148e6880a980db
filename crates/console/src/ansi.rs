//! Log lines as classed pieces of text, for readers without scripts. `web/log/ansi.js` does the same in the browser.

use plimsoll_core::log::Kind;
use plimsoll_core::status::{Level, Phase};

/// One line, ready for `templates/line.html`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub number: i64,
    pub class: &'static str,
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub class: String,
    pub text: String,
}

/// Longest text of a line that is rendered into the page; the rest is in the plain log.
const MAX_CHARS: usize = 600;

impl Line {
    pub fn new(number: i64, kind: Kind, text: &str) -> Self {
        let class = match (kind.level(), kind.phase()) {
            (Level::Error, _) => "error",
            (Level::Warn, _) => "warn",
            (Level::Debug, _) => "debug",
            (Level::Info, Phase::System) => "system",
            (Level::Info, _) => "",
        };
        // What a terminal would show of a line that was overwritten: its last writing.
        let shown = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
        Self { number, class, pieces: pieces(shown) }
    }
}

#[derive(Default, Clone, PartialEq, Eq)]
struct Style {
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    foreground: Option<u8>,
    background: Option<u8>,
}

impl Style {
    fn classes(&self) -> String {
        let mut classes: Vec<String> = [(self.bold, "b"), (self.dim, "d"), (self.italic, "it"), (self.underline, "u")]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, class)| (*class).to_owned())
            .collect();
        classes.extend(self.foreground.map(|colour| format!("f{colour}")));
        classes.extend(self.background.map(|colour| format!("g{colour}")));
        classes.join(" ")
    }

    /// Select Graphic Rendition, ECMA-48 8.3.117. Colours beyond the 16 need the browser's script and are left out.
    fn apply(&mut self, codes: &str) {
        let mut codes = codes.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                30..=37 => self.foreground = Some((code - 30) as u8),
                39 => self.foreground = None,
                40..=47 => self.background = Some((code - 40) as u8),
                49 => self.background = None,
                90..=97 => self.foreground = Some((code - 82) as u8),
                100..=107 => self.background = Some((code - 92) as u8),
                38 | 48 => {
                    let colour = match codes.next() {
                        Some(5) => codes.next().and_then(|c| u8::try_from(c).ok()).filter(|c| *c < 16),
                        Some(2) => {
                            codes.by_ref().take(3).for_each(drop);
                            None
                        }
                        _ => None,
                    };
                    if code == 38 { self.foreground = colour } else { self.background = colour }
                }
                _ => {}
            }
        }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut style = Style::default();
    let mut letters = text.chars().peekable();
    let mut shown = 0;
    while let Some(letter) = letters.next() {
        match letter {
            '\x1b' => match letters.next() {
                Some('[') => {
                    let mut codes = String::new();
                    let end = letters.by_ref().find(|c| {
                        let is_end = ('\x40'..='\x7e').contains(c);
                        if !is_end {
                            codes.push(*c);
                        }
                        is_end
                    });
                    if end == Some('m') {
                        style.apply(&codes);
                    }
                }
                Some(']') => skip_operating_system_command(&mut letters),
                _ => {}
            },
            c if c.is_control() && c != '\t' => {}
            c => {
                shown += 1;
                if shown > MAX_CHARS {
                    out.push(Piece { class: "d".into(), text: " … cut here".into() });
                    return out;
                }
                let class = style.classes();
                match out.last_mut() {
                    Some(last) if last.class == class => last.text.push(c),
                    _ => out.push(Piece { class, text: c.to_string() }),
                }
            }
        }
    }
    out
}

/// Titles and links end with BEL or `ESC \`.
fn skip_operating_system_command(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(letter) = letters.next() {
        if letter == '\x07' {
            return;
        }
        if letter == '\x1b' && letters.peek() == Some(&'\\') {
            letters.next();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String)> {
        Line::new(1, Kind(0), text).pieces.into_iter().map(|p| (p.class, p.text)).collect()
    }

    #[test]
    fn colours_become_classes_and_controls_vanish() {
        let line = shown("a\x1b[1;31mred\x1b[0m b\x1b[2K\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\\x07");
        let pair = |class: &str, text: &str| (class.to_owned(), text.to_owned());
        assert_eq!(line, [pair("", "a"), pair("b f1", "red"), pair("", " blink")]);
    }

    #[test]
    fn only_the_last_writing_of_a_progress_bar_is_shown() {
        assert_eq!(shown("10%\r50%\r100%\r"), [(String::new(), "100%".to_owned())]);
    }

    #[test]
    fn unfinished_sequences_are_harmless() {
        for text in ["\x1b", "\x1b[", "\x1b[38;2;1", "\x1b[38", "\x1b]0;title", "\x1b[999999999m"] {
            assert!(shown(text).is_empty(), "{text:?}");
        }
    }
}

//! What a line means: errors, warnings, groups. Guesses, tuned to have few false alarms: an error index full of
//! "0 errors" is worth nothing.

use std::borrow::Cow;

use super::label;
use crate::log::MarkKind;
use crate::status::Level;

/// The line without its colours.
pub fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("\u{1b}[") {
        out.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let end = after.find(|c: char| !matches!(c, '0'..=';')).unwrap_or(after.len());
        rest = match after[end..].strip_prefix('m') {
            Some(rest) => rest,
            None => {
                out.push_str(&rest[start..start + 2]);
                after
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Explicit markers: `::group::name`, `::endgroup::`, `::error::text`, `::warning::text` (also with `file=…` and the
/// like), and `--- name` and `+++ name`. Expects a line without colours.
pub fn marker(plain: &str) -> Option<(MarkKind, String)> {
    if let Some(command) = plain.trim_start().strip_prefix("::") {
        let (head, text) = command.split_once("::")?;
        let kind = match head.split(' ').next()? {
            "group" => MarkKind::Group,
            "endgroup" => MarkKind::GroupEnd,
            "error" => MarkKind::Error,
            "warning" => MarkKind::Warning,
            _ => return None,
        };
        return Some((kind, label(text)));
    }
    let name = plain.strip_prefix("--- ").or_else(|| plain.strip_prefix("+++ "))?;
    is_group_name(name).then(|| (MarkKind::Group, label(name)))
}

/// Diffs have lines that begin the same way, and so have the results of `go test`.
fn is_group_name(name: &str) -> bool {
    let trimmed = name.trim();
    let path = trimmed.trim_matches('"');
    let of_diff = ["a/", "b/", "i/", "w/", "c/", "o/", "/", "./"].iter().any(|start| path.starts_with(start))
        || name.contains('\t')
        || ["original", "expected", "actual", "Expected", "Actual"].contains(&trimmed);
    let of_go = ["FAIL:", "PASS:", "SKIP:", "BENCH:"].iter().any(|start| trimmed.starts_with(start));
    trimmed.chars().any(char::is_alphanumeric) && !of_diff && !of_go
}

/// Level and mark of a line without colours: by its marker if it carries one, else by what it looks like.
pub(super) fn level_and_mark(plain: &str) -> (Level, Option<(MarkKind, String)>) {
    if let Some(mark) = marker(plain) {
        let level = match mark.0 {
            MarkKind::Error => Level::Error,
            MarkKind::Warning => Level::Warn,
            MarkKind::Group | MarkKind::GroupEnd | MarkKind::Step | MarkKind::Phase => Level::Info,
        };
        return (level, Some(mark));
    }
    let level = classify(plain);
    let kind = match level {
        Level::Error => MarkKind::Error,
        Level::Warn => MarkKind::Warning,
        Level::Debug | Level::Info => return (level, None),
    };
    (level, Some((kind, label(plain))))
}

/// Beginnings that mean an error whatever follows.
const ERROR_STARTS: &[&str] = &[
    "Traceback (most recent call last)",
    "npm ERR!",
    "npm error ",
    "ERR! ",
    "ERR_PNPM_",
    "\u{2009}ERR_PNPM_",
    "panic: ",
    "--- FAIL:",
    "FAIL\t",
    "FAIL: ",
    "FAIL ",
    "FAILED ",
    "FAILED (",
    "not ok ",
    "Segmentation fault",
    "BUILD FAILED",
    "BUILD FAILURE",
    "FAILURE: Build failed",
    "Unhandled exception",
    "Uncaught ",
    "==ERROR",
    "E   ",
];

/// Names that stand before a colon, alone or after a `file:line:`.
const ERROR_WORDS: &[&str] =
    &["error", "fatal", "fatal error", "internal compiler error", "syntax error", "critical", "panic"];
const WARNING_WORDS: &[&str] =
    &["warning", "warn", "deprecated", "deprecation warning", "npm warn", "deprecationwarning"];

/// The level of a line that carries no marker. Expects a line without colours.
pub fn classify(plain: &str) -> Level {
    let text = plain.trim_start();
    // An error says what it is at its beginning; the rest of a long line is data.
    let mut cut = text.len().min(300);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let text = &text[..cut];
    if text.is_empty() {
        return Level::Info;
    }
    if is_error(text) {
        Level::Error
    } else if is_warning(text) {
        Level::Warn
    } else {
        Level::Info
    }
}

fn is_error(text: &str) -> bool {
    if ERROR_STARTS.iter().any(|start| text.starts_with(start)) || text == "FAILED" || text == "FAIL" {
        return true;
    }
    // rustc: `error[E0308]: …`; libtest: `test a::b ... FAILED`, `thread 'x' panicked at`; make: `make: *** [all] Error 2`.
    text.starts_with("error[")
        || (text.starts_with("test ") && text.ends_with("... FAILED"))
        || text.starts_with("test result: FAILED")
        || (text.starts_with("thread '") && text.contains("' panicked at"))
        || (text.starts_with("make") && text.contains("***") && !text.contains("(ignored)"))
        || text.ends_with(": command not found")
        || (text.starts_with('\u{2716}') || text.starts_with('\u{2717}') || text.starts_with("\u{274c}"))
        || has_tag(text, &["ERROR", "FATAL", "CRITICAL", "PANIC"])
        || named(text, ERROR_WORDS)
        || is_exception(text)
}

fn is_warning(text: &str) -> bool {
    text.starts_with("warning[")
        || text.starts_with("npm WARN ")
        || text.starts_with("npm warn ")
        || text.starts_with("WARN ")
        || text.starts_with("WARN\t")
        || has_tag(text, &["WARN", "WARNING"])
        || named(text, WARNING_WORDS)
        || text.split_once(": ").is_some_and(|(head, _)| {
            head.split([' ', ':']).next_back().is_some_and(|word| word.ends_with("Warning") && word.len() > 7)
        })
}

/// Words in front of a colon: `error: …`, `src/a.c:3:5: error: …`, `ld: error: …`, `src/a.ts(3,5): error TS2304: …`.
fn named(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    let mut rest = lower.as_str();
    // Up to four parts, so that a word deep inside a sentence does not count.
    for depth in 0..5 {
        if words.iter().any(|word| begins_with_word(rest, word) && says_something(&rest[word.len()..], depth > 0)) {
            return true;
        }
        let Some((head, tail)) = rest.split_once(':') else { return false };
        if !is_place(head) {
            return false;
        }
        rest = tail.trim_start();
    }
    false
}

/// What follows the word: a colon and more, or a code as in `error TS2304: …` where the word stands after a place.
fn says_something(after: &str, after_place: bool) -> bool {
    let code = after.strip_prefix(' ').and_then(|after| after.split(':').next()).unwrap_or_default();
    (after.starts_with(':') && !after.starts_with("::") && !is_nothing(&after[1..])) || (after_place && is_code(code))
}

fn begins_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-'))
}

/// A file, a line number, a program: one word. Not a sentence, not a key of some data.
fn is_place(head: &str) -> bool {
    !head.is_empty() && head.len() <= 200 && !head.contains([' ', '"', '{', '=', ',']) || is_place_with_position(head)
}

/// `src/a.ts(3,5)`
fn is_place_with_position(head: &str) -> bool {
    head.strip_suffix(')').and_then(|head| head.split_once('(')).is_some_and(|(file, position)| {
        !file.is_empty()
            && !file.contains(' ')
            && position.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' '))
    })
}

fn is_code(code: &str) -> bool {
    code.len() <= 12
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.ends_with(|c: char| c.is_ascii_digit())
}

/// `error: 0`, `Errors: none`: a report that there is nothing to report.
fn is_nothing(after: &str) -> bool {
    let after = after.trim().trim_end_matches([',', '.', ';']);
    after.is_empty()
        || ["0", "none", "no", "null", "false", "nil", "n/a", "[]", "{}"].contains(&after)
        || after.starts_with("0 ")
}

/// `[ERROR] …`, `ERROR: …` is elsewhere, `2026-01-01 12:00:00 ERROR …`, `level=error`, `ERROR    test.py …`.
fn has_tag(text: &str, tags: &[&str]) -> bool {
    tags.iter().any(|tag| {
        let bracketed = text.find(&format!("[{tag}]")).is_some_and(|at| is_stamp(&text[..at]));
        let word = text.find(tag).is_some_and(|at| {
            let (before, after) = (&text[..at], &text[at + tag.len()..]);
            let alone = after.starts_with([' ', '\t']) && (before.is_empty() || before.ends_with([' ', '\t', '|']));
            // A bare word at the very beginning is a headline as often as a level; a level is followed by more.
            alone && is_stamp(before) && after.trim().len() > 1 && !is_nothing(after)
        });
        bracketed || word || text.contains(&format!("level={} ", tag.to_lowercase()))
    })
}

/// Nothing, or a time stamp and the like: no letters but those of ISO times and zones.
fn is_stamp(before: &str) -> bool {
    before.len() <= 60
        && before.chars().all(|c| {
            c.is_ascii_digit()
                || matches!(c, ' ' | '\t' | ':' | '.' | ',' | '-' | '+' | '/' | '[' | ']' | '|' | 'T' | 'Z')
        })
}

/// `ValueError: …`, `java.lang.NullPointerException: …`, `ModuleNotFoundError: …`, at the beginning of a line.
fn is_exception(text: &str) -> bool {
    let text = text.strip_prefix("Caused by: ").unwrap_or(text);
    let text = text.strip_prefix("Exception in thread \"main\" ").unwrap_or(text);
    let Some(head) = text.split(':').next() else { return false };
    let dotted = !head.is_empty() && head.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '$'));
    let name = head.rsplit('.').next().unwrap_or(head);
    dotted
        && text.len() > head.len()
        && name.starts_with(char::is_uppercase)
        && (name.ends_with("Error") || name.ends_with("Exception"))
        && !is_nothing(&text[head.len() + 1..])
}

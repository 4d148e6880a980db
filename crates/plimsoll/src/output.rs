//! What a command says: text for people on standard output, or one JSON document for scripts. Progress goes to standard error.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::failure::Failure;

pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// The result: `value` as JSON, or `text`.
    pub(crate) fn result(&self, value: &impl Serialize, text: impl std::fmt::Display) {
        if self.json {
            let document = serde_json::to_string_pretty(value).expect("results are plain data");
            self.line(document);
        } else {
            self.line(text);
        }
    }

    /// A step of long work, for people only.
    pub(crate) fn progress(&self, text: impl std::fmt::Display) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        let mut err = std::io::stderr();
        // Nobody to tell when standard error is gone; the exit code remains.
        let _ = if self.json {
            writeln!(err, "{}", serde_json::json!({"error": failure.message, "exit_code": failure.code}))
        } else {
            writeln!(err, "plimsoll: {}", failure.message)
        };
    }

    pub(crate) fn is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// A closed pipe (`plimsoll builds | head -1`) ends the command quietly, as for any Unix tool.
    fn line(&self, text: impl std::fmt::Display) {
        if writeln!(std::io::stdout(), "{text}").is_err() {
            std::process::exit(0);
        }
    }
}

/// Columns padded to their widest cell; the last is left ragged.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width =
        |column: usize| rows.iter().map(|r| r[column].chars().count()).chain([header[column].len()]).max().unwrap_or(0);
    let widths: Vec<_> = (0..header.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate() {
            let pad = if i + 1 == cells.len() { 0 } else { widths[i] + 2 - cell.chars().count() };
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', pad));
        }
        text.trim_end().to_owned()
    };
    let mut lines = vec![line(header.to_vec())];
    lines.extend(rows.iter().map(|r| line(r.iter().map(String::as_str).collect())));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["a".into(), "long".into(), "x".into()], vec!["bbbb".into(), "s".into(), "y".into()]];
        assert_eq!(super::table(&["ID", "NAME", "Z"], &rows), "ID    NAME  Z\na     long  x\nbbbb  s     y");
    }
}

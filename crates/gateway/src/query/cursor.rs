//! Reads a parameter character by character and says where and why it stopped.

use crate::error::ApiError;

/// Where a parameter stopped making sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// Byte offset.
    at: usize,
    details: String,
}

impl Syntax {
    /// The error body's words; `what` is like `failed to parse filter (x)` and `text` what was read.
    pub(crate) fn into_error(self, what: &str, text: &str) -> ApiError {
        let before = text.get(..self.at).unwrap_or(text);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        ApiError::bad_request("PGRST100", format!("\"{what}\" (line {line}, column {column})")).details(self.details)
    }
}

pub(crate) type Parsed<T> = Result<T, Syntax>;

pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn whole(&self) -> &'a str {
        self.text
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(crate) fn skip_blanks(&mut self) {
        self.take_while(|c| c == ' ' || c == '\t');
    }

    pub(crate) fn expect(&mut self, token: &str, name: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(self.expected(name)) }
    }

    pub(crate) fn expect_end(&self, name: &str) -> Parsed<()> {
        if self.is_at_end() { Ok(()) } else { Err(self.expected(name)) }
    }

    /// `unexpected "x" expecting …` for the character at hand.
    pub(crate) fn expected(&self, what: &str) -> Syntax {
        self.expected_at(self.at, what)
    }

    /// The same for what stands at `at`.
    pub(crate) fn expected_at(&self, at: usize, what: &str) -> Syntax {
        self.unexpected_for(at, at, what)
    }

    /// Points at `at`, and names the character at `found_at`.
    pub(crate) fn unexpected_for(&self, at: usize, found_at: usize, what: &str) -> Syntax {
        let details = match self.text.get(found_at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("unexpected \"{}\" expecting {what}", found.escape_default()),
            None => format!("unexpected end of input expecting {what}"),
        };
        Syntax { at, details }
    }

    pub(crate) fn fail(&self, details: impl Into<String>) -> Syntax {
        Syntax { at: self.at, details: details.into() }
    }
}

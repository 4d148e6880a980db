//! Keeps secrets out of a stream of bytes, however it is cut into chunks and however the secret was encoded.
//!
//! Every byte that belongs to any occurrence of any variant is hidden, also where occurrences overlap; each run of such
//! bytes becomes `***`. What a chunk ends with is held back only as far as it could be the beginning of a variant.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

mod variants;

/// What a secret is replaced by.
pub const REPLACEMENT: &[u8] = b"***";
/// Shortest secret that can be hidden, in bytes: a shorter one would be found in ordinary output.
pub const MIN_SECRET_BYTES: usize = 6;
/// Longest secret, in bytes.
pub const MAX_SECRET_BYTES: usize = 64 << 10;
/// Most bytes of all secrets of a build together.
pub const MAX_SECRETS_BYTES: usize = 256 << 10;

/// Why a secret cannot be hidden. Names the secret, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmaskable {
    #[error(
        "secret {name} is shorter than {MIN_SECRET_BYTES} characters, so hiding it would garble ordinary output: use a longer one"
    )]
    TooShort { name: String },
    #[error(
        "secret {name} is a common word or a plain repetition, so it cannot be told from ordinary output: use a random one"
    )]
    TooCommon { name: String },
    #[error("secret {name} is longer than {MAX_SECRET_BYTES} bytes, which is the most that can be hidden")]
    TooLong { name: String },
    #[error("the secrets have more than {MAX_SECRETS_BYTES} bytes together, which is the most that can be hidden")]
    TooMany,
}

/// Finds the secrets of a build; shared by all its streams.
#[derive(Debug, Clone)]
pub struct Secrets {
    automaton: Option<Arc<Search>>,
}

#[derive(Debug)]
struct Search {
    nfa: NFA,
    start: StateID,
    /// For every state: how many of the bytes read last it stands for, and the longest variant that ends there.
    states: HashMap<StateID, State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    depth: usize,
    longest_match: usize,
}

impl Secrets {
    /// Prepares the search for these secrets (name to value). Refuses the first that could not be hidden.
    pub fn new<'s>(secrets: impl IntoIterator<Item = (&'s str, &'s str)>) -> Result<Self, Unmaskable> {
        let mut patterns = BTreeMap::new();
        let mut total = 0;
        for (name, value) in secrets {
            check(name, value)?;
            total += value.len();
            if total > MAX_SECRETS_BYTES {
                return Err(Unmaskable::TooMany);
            }
            for variant in variants::of(value) {
                patterns.insert(variant, ());
            }
        }
        if patterns.is_empty() {
            return Ok(Self { automaton: None });
        }
        let patterns: Vec<Vec<u8>> = patterns.into_keys().collect();
        let search = Search::new(&patterns).ok_or(Unmaskable::TooMany)?;
        Ok(Self { automaton: Some(Arc::new(search)) })
    }

    /// A masker for one stream.
    pub fn masker(&self) -> Masker {
        let state = self.automaton.as_ref().map(|search| search.start);
        Masker { search: self.automaton.clone(), state, held: Vec::new(), hidden: Vec::new(), in_mask: false }
    }

    /// Masks a whole text, such as an error message.
    pub fn mask(&self, text: &str) -> String {
        let mut out = Vec::with_capacity(text.len());
        let mut masker = self.masker();
        masker.push(text.as_bytes(), &mut out);
        masker.flush(&mut out);
        // A variant is whole UTF-8 except for fragments of base64, which are ASCII; so this never replaces anything.
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl Search {
    fn new(patterns: &[Vec<u8>]) -> Option<Self> {
        let nfa = NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(patterns).ok()?;
        let start = nfa.start_state(Anchored::No).ok()?;
        let mut states = HashMap::from([(start, State::default())]);
        for pattern in patterns {
            let mut state = start;
            for (i, byte) in pattern.iter().enumerate() {
                state = nfa.next_state(Anchored::No, state, *byte);
                // Reading a variant from the start leads to the state that stands for exactly what was read.
                states.entry(state).or_insert_with(|| State { depth: i + 1, longest_match: longest(&nfa, state) });
            }
        }
        Some(Self { nfa, start, states })
    }
}

fn longest(nfa: &NFA, state: StateID) -> usize {
    if !nfa.is_match(state) {
        return 0;
    }
    (0..nfa.match_len(state)).map(|i| nfa.pattern_len(nfa.match_pattern(state, i))).max().unwrap_or(0)
}

/// Masks one stream.
#[derive(Debug)]
pub struct Masker {
    search: Option<Arc<Search>>,
    state: Option<StateID>,
    /// Bytes read but not yet let out.
    held: Vec<u8>,
    /// Runs of `held` to hide: start and end, in order, neither touching nor overlapping.
    hidden: Vec<(usize, usize)>,
    /// The last byte let out was hidden, so hidden bytes that follow belong to the same replacement.
    in_mask: bool,
}

impl Masker {
    /// Reads `bytes` and appends to `out` what can be let out.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let (Some(search), Some(mut state)) = (self.search.clone(), self.state) else {
            out.extend_from_slice(bytes);
            return;
        };
        let already = self.held.len();
        self.held.extend_from_slice(bytes);
        for (i, byte) in bytes.iter().enumerate() {
            state = search.nfa.next_state(Anchored::No, state, *byte);
            if search.nfa.is_match(state) {
                let end = already + i + 1;
                let length = search.states.get(&state).map_or(0, |s| s.longest_match);
                self.hide(end.saturating_sub(length), end);
            }
        }
        self.state = Some(state);
        let keep = search.states.get(&state).map_or(0, |s| s.depth);
        self.release(self.held.len().saturating_sub(keep), out);
    }

    /// The stream has ended, or what is held back must be seen now: lets everything out.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        self.release(self.held.len(), out);
        self.in_mask = false;
        self.state = self.search.as_ref().map(|search| search.start);
    }

    /// Bytes held back because they may be the beginning of a secret.
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }

    fn hide(&mut self, mut start: usize, end: usize) {
        while let Some((earlier, _)) = self.hidden.pop_if(|(_, until)| *until >= start) {
            start = start.min(earlier);
        }
        self.hidden.push((start, end));
    }

    /// Lets out the first `upto` held bytes.
    fn release(&mut self, upto: usize, out: &mut Vec<u8>) {
        if upto == 0 {
            return;
        }
        let mut at = 0;
        for (start, end) in &self.hidden {
            let (start, end) = ((*start).min(upto), (*end).min(upto));
            if start == end {
                continue;
            }
            let continues = start == 0 && self.in_mask;
            if !continues {
                out.extend_from_slice(&self.held[at..start]);
                out.extend_from_slice(REPLACEMENT);
            }
            at = end;
        }
        out.extend_from_slice(&self.held[at..upto]);
        self.in_mask = at == upto;
        self.held.drain(..upto);
        self.hidden.retain_mut(|(start, end)| {
            *start = start.saturating_sub(upto);
            *end = end.saturating_sub(upto);
            end > start
        });
    }
}

/// Values that would be found all over an ordinary log. Each has at least [`MIN_SECRET_BYTES`] characters.
const COMMON: &[&str] = &[
    "127.0.0.1",
    "admin123",
    "changeme",
    "database",
    "default",
    "develop",
    "developer",
    "development",
    "disabled",
    "docker",
    "enabled",
    "example",
    "example.com",
    "failed",
    "failure",
    "false,",
    "feature",
    "function",
    "github",
    "github.com",
    "gitlab",
    "import",
    "include",
    "internal",
    "localhost",
    "master",
    "message",
    "nodejs",
    "number",
    "object",
    "output",
    "package",
    "password",
    "passwd",
    "plimsoll",
    "postgres",
    "postgresql",
    "private",
    "production",
    "project",
    "public",
    "python",
    "release",
    "return",
    "root123",
    "runner",
    "running",
    "secret",
    "server",
    "service",
    "staging",
    "status",
    "string",
    "success",
    "system",
    "testing",
    "undefined",
    "username",
    "version",
    "warning",
    "welcome",
    "target",
];

fn check(name: &str, value: &str) -> Result<(), Unmaskable> {
    let name = || name.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let value = value.trim();
    if value.len() < MIN_SECRET_BYTES {
        return Err(Unmaskable::TooShort { name: name() });
    }
    if value.len() > MAX_SECRET_BYTES {
        return Err(Unmaskable::TooLong { name: name() });
    }
    let mut distinct: Vec<u8> = value.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 3 || COMMON.contains(&value.to_lowercase().as_str()) {
        return Err(Unmaskable::TooCommon { name: name() });
    }
    Ok(())
}

#[cfg(test)]
mod tests;

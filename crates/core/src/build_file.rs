//! `plimsoll.toml` in a repository: what a build does.
//!
//! ```toml
//! [build]
//! timeout_seconds = 1800             # whole build; 3600 when absent
//! env = { CI = "true" }              # for every step
//! cache = ["target", "node_modules"] # folders kept between builds of the branch's project
//!
//! [[step]]
//! name = "Test"
//! phase = "test"                     # build, test, package, deploy or promote; build when absent
//! run = "cargo test"                 # given to a shell
//! timeout_seconds = 600
//! env = { RUST_BACKTRACE = "1" }
//! working_directory = "server"
//! test_reports = ["target/junit/*.xml"]
//! artifacts = ["dist/*.tar.gz"]
//! artifact_type = "image"            # log, image, dump or report; report when absent
//! continue_on_error = false          # true: a failure does not fail the build
//! always = false                     # true: runs after a failed step too
//! ```
//!
//! Steps run in the order of the file. Every mistake is reported with line and column, all in one go.

use std::collections::BTreeMap;
use std::fmt;

use crate::status::{ArtifactType, Phase};

mod read;
mod values;

/// Name of the file, at the root of the repository.
pub const FILE_NAME: &str = "plimsoll.toml";
/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 256 << 10;
/// Most steps a build may have.
pub const MAX_STEPS: usize = 100;
/// Longest step name, in characters.
pub const MAX_NAME_CHARS: usize = 100;
/// Longest command of a step, in bytes.
pub const MAX_RUN_BYTES: usize = 64 << 10;
/// Longest timeout of a step or a build, in seconds.
pub const MAX_TIMEOUT_SECONDS: u64 = 86_400;
/// Timeout of a build that sets none, in seconds.
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 3_600;
/// Most variables in one `env`.
pub const MAX_ENV: usize = 200;
/// Most patterns or paths in one list.
pub const MAX_PATTERNS: usize = 50;
/// Phases that a step may belong to; the others are the runner's own.
pub const STEP_PHASES: [Phase; 5] = [Phase::Build, Phase::Test, Phase::Package, Phase::Deploy, Phase::Promote];

/// A build's definition, from a file or from a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFile {
    /// For every step; a step's own wins.
    pub env: BTreeMap<String, String>,
    /// For the whole build, checkout excluded.
    pub timeout_seconds: u64,
    /// Folders relative to the checkout that are kept between builds.
    pub cache: Vec<String>,
    /// At least one, in order.
    pub steps: Vec<StepSpec>,
}

/// One command of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSpec {
    pub name: String,
    pub phase: Phase,
    /// Given to a shell.
    pub run: String,
    /// Absent: only the build's timeout limits it.
    pub timeout_seconds: Option<u64>,
    pub env: BTreeMap<String, String>,
    /// Relative to the checkout; absent: the checkout itself.
    pub working_directory: Option<String>,
    /// Glob patterns relative to the checkout.
    pub artifacts: Vec<String>,
    pub artifact_type: ArtifactType,
    /// Glob patterns relative to the checkout: JUnit XML, or our JSON.
    pub test_reports: Vec<String>,
    /// The build goes on, and does not fail, when this step does.
    pub continue_on_error: bool,
    /// Runs even after an earlier step has failed.
    pub always: bool,
}

impl StepSpec {
    /// A step with everything else at its default.
    pub fn new(name: impl Into<String>, phase: Phase, run: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            phase,
            run: run.into(),
            timeout_seconds: None,
            env: BTreeMap::new(),
            working_directory: None,
            artifacts: Vec::new(),
            artifact_type: ArtifactType::Report,
            test_reports: Vec::new(),
            continue_on_error: false,
            always: false,
        }
    }
}

impl BuildFile {
    /// A definition of these steps with everything else at its default.
    pub fn of_steps(steps: Vec<StepSpec>) -> Self {
        Self { env: BTreeMap::new(), timeout_seconds: DEFAULT_TIMEOUT_SECONDS, cache: Vec::new(), steps }
    }

    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, BuildFileError> {
        read::build_file(text)
    }

    /// Reads the file's bytes, which may not be text at all.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, BuildFileError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            BuildFileError::one(Problem::at(&good, good.len(), "this is not UTF-8: save the file as UTF-8 text"))
        })?;
        Self::parse(text)
    }
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

/// All mistakes of a file, in its order; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFileError {
    pub problems: Vec<Problem>,
}

impl BuildFileError {
    fn one(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for BuildFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let newline = if i == 0 { "" } else { "\n" };
            write!(f, "{newline}{FILE_NAME}:{}:{}: {}", problem.line, problem.column, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildFileError {}

#[cfg(test)]
mod tests;

//! From TOML with positions to a build's definition. Keeps going after a mistake, so that all are told at once.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    BuildFile, BuildFileError, DEFAULT_TIMEOUT_SECONDS, MAX_FILE_BYTES, MAX_NAME_CHARS, MAX_RUN_BYTES, MAX_STEPS,
    Problem, STEP_PHASES, StepSpec, values,
};
use crate::status::{ArtifactType, Phase};

/// More mistakes than this are not listed.
const MAX_PROBLEMS: usize = 20;

const TOP_KEYS: &[&str] = &["build", "step"];
const BUILD_KEYS: &[&str] = &["env", "timeout_seconds", "cache"];
const STEP_KEYS: &[&str] = &[
    "name",
    "phase",
    "run",
    "timeout_seconds",
    "env",
    "working_directory",
    "artifacts",
    "artifact_type",
    "test_reports",
    "continue_on_error",
    "always",
];

pub(super) fn build_file(text: &str) -> Result<BuildFile, BuildFileError> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_FILE_BYTES} are allowed", text.len());
        return Err(BuildFileError::one(Problem::at(text, 0, message)));
    }
    let document = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        BuildFileError::one(Problem::at(text, offset, error.message().replace('\n', ", ")))
    })?;
    let mut reader = Reader { text, problems: Vec::new() };
    let file = reader.document(document.get_ref());
    if reader.problems.is_empty() {
        return Ok(file);
    }
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    reader.problems.truncate(MAX_PROBLEMS);
    Err(BuildFileError { problems: reader.problems })
}

/// The text, for positions, and the mistakes found so far. Readers of values answer a harmless default after a mistake.
pub(super) struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn problem<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.problems.push(Problem::at(self.text, at.span().start, message));
    }

    fn document(&mut self, table: &DeTable<'_>) -> BuildFile {
        self.known_keys(table, TOP_KEYS, "at the top of the file");
        let mut file = BuildFile::of_steps(Vec::new());
        if let Some(value) = table.get("build") {
            match value.get_ref() {
                DeValue::Table(build) => self.build(build, &mut file),
                _ => self.problem(value, "`build` is a table: write `[build]` with its settings below"),
            }
        }
        match table.get("step") {
            None => {
                let at = self.text.len();
                self.problems.push(Problem::at(
                    self.text,
                    at,
                    "there are no steps: add `[[step]]` with a `name` and a `run`",
                ));
            }
            Some(value) => self.steps(value, &mut file),
        }
        file
    }

    fn build(&mut self, table: &DeTable<'_>, file: &mut BuildFile) {
        self.known_keys(table, BUILD_KEYS, "in [build]");
        file.timeout_seconds =
            table.get("timeout_seconds").and_then(|v| values::timeout(self, v)).unwrap_or(DEFAULT_TIMEOUT_SECONDS);
        file.env = table.get("env").map(|v| values::env(self, v)).unwrap_or_default();
        file.cache = table.get("cache").map(|v| values::paths(self, v, "cache")).unwrap_or_default();
    }

    fn steps(&mut self, value: &Spanned<DeValue<'_>>, file: &mut BuildFile) {
        let DeValue::Array(steps) = value.get_ref() else {
            return self.problem(value, "steps are written `[[step]]`, with two brackets, once for each");
        };
        if steps.is_empty() {
            self.problem(value, "there are no steps: add `[[step]]` with a `name` and a `run`");
        }
        if steps.len() > MAX_STEPS {
            self.problem(value, format!("there are {} steps; at most {MAX_STEPS} are allowed", steps.len()));
            return;
        }
        let mut names = BTreeSet::new();
        for step in steps.iter() {
            let DeValue::Table(table) = step.get_ref() else {
                self.problem(step, "a step is a table: write `[[step]]` with its settings below");
                continue;
            };
            let spec = self.step(step, table);
            if !spec.name.is_empty() && !names.insert(spec.name.clone()) {
                let at = table.get("name").unwrap_or(step);
                self.problem(at, format!("there is another step named {:?}: names tell steps apart", spec.name));
            }
            file.steps.push(spec);
        }
    }

    fn step(&mut self, whole: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> StepSpec {
        self.known_keys(table, STEP_KEYS, "in a step");
        let name = self.required(whole, table, "name", "a short name such as \"Test\"");
        if let Some(at) = table.get("name") {
            self.check_name(at, &name);
        }
        let run = self.required(whole, table, "run", "the command, such as \"make test\"");
        if run.len() > MAX_RUN_BYTES {
            let message =
                format!("`run` has {} bytes; at most {MAX_RUN_BYTES} are allowed: move it to a script", run.len());
            self.problem(table.get("run").unwrap_or(whole), message);
        }
        let mut step = StepSpec::new(name, self.phase(table), run);
        step.timeout_seconds = table.get("timeout_seconds").and_then(|v| values::timeout(self, v));
        step.env = table.get("env").map(|v| values::env(self, v)).unwrap_or_default();
        step.working_directory =
            table.get("working_directory").and_then(|v| values::path(self, v, "working_directory"));
        step.artifacts = table.get("artifacts").map(|v| values::globs(self, v, "artifacts")).unwrap_or_default();
        step.test_reports =
            table.get("test_reports").map(|v| values::globs(self, v, "test_reports")).unwrap_or_default();
        step.artifact_type = self.artifact_type(table);
        step.continue_on_error = self.flag(table, "continue_on_error");
        step.always = self.flag(table, "always");
        step
    }

    fn required(&mut self, whole: &Spanned<DeValue<'_>>, table: &DeTable<'_>, key: &str, example: &str) -> String {
        let Some(value) = table.get(key) else {
            self.problem(whole, format!("this step has no `{key}`: add {example}"));
            return String::new();
        };
        let text = values::string(self, value, key);
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            self.problem(value, format!("`{key}` is empty: give {example}"));
        }
        if text.as_deref().is_some_and(|text| text.contains('\0')) {
            self.problem(value, format!("`{key}` holds a NUL character, which no command can be given"));
        }
        text.unwrap_or_default()
    }

    fn check_name(&mut self, at: &Spanned<DeValue<'_>>, name: &str) {
        let chars = name.chars().count();
        if chars > MAX_NAME_CHARS {
            self.problem(at, format!("the name has {chars} characters; at most {MAX_NAME_CHARS} are allowed"));
        }
        if name.chars().any(char::is_control) {
            self.problem(at, "the name holds a line break or another control character");
        }
    }

    fn phase(&mut self, table: &DeTable<'_>) -> Phase {
        let Some(value) = table.get("phase") else { return Phase::Build };
        let Some(text) = values::string(self, value, "phase") else { return Phase::Build };
        if let Some(phase) = STEP_PHASES.into_iter().find(|phase| phase.as_str() == text) {
            return phase;
        }
        let names = STEP_PHASES.map(Phase::as_str);
        self.problem(value, values::not_one_of(&text, "a phase of a step", &names));
        Phase::Build
    }

    fn artifact_type(&mut self, table: &DeTable<'_>) -> ArtifactType {
        let Some(value) = table.get("artifact_type") else { return ArtifactType::Report };
        let Some(text) = values::string(self, value, "artifact_type") else { return ArtifactType::Report };
        text.parse().unwrap_or_else(|_| {
            let names: Vec<&str> = ArtifactType::ALL.iter().map(|kind| kind.as_str()).collect();
            self.problem(value, values::not_one_of(&text, "an artifact type", &names));
            ArtifactType::Report
        })
    }

    fn flag(&mut self, table: &DeTable<'_>, key: &str) -> bool {
        let Some(value) = table.get(key) else { return false };
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            other => {
                self.problem(value, format!("`{key}` is true or false, not {}", values::kind_of(other)));
                false
            }
        }
    }

    fn known_keys(&mut self, table: &DeTable<'_>, known: &[&str], place: &str) {
        let mut unknown = BTreeMap::new();
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name: String = key.get_ref().chars().take(60).collect();
            let message = match values::nearest(&name, known) {
                Some(near) => format!("unknown key `{name}` {place}: did you mean `{near}`?"),
                None => format!("unknown key `{name}` {place}: expected one of {}", known.join(", ")),
            };
            unknown.insert(key.span().start, message);
        }
        for (offset, message) in unknown {
            self.problems.push(Problem::at(self.text, offset, message));
        }
    }
}

//! Runs the steps of a build, in order, and decides what they mean for it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::build_file::{BuildFile, StepSpec};
use plimsoll_core::log::MarkKind;
use plimsoll_core::status::{FailureReason, Level, Phase, StepStatus};
use tokio::time::Instant;

use crate::artifacts::Artifacts;
use crate::collect::{find, inside};
use crate::execute::{Ended, Supervision};
use crate::progress::Progress;
use crate::sandbox::{Place, Sandbox, on_path};
use crate::stop::Halt;

/// Most artifacts of one step.
const MAX_ARTIFACTS: usize = 1_000;

/// What the steps of one attempt run with.
pub(crate) struct Steps<'a> {
    pub(crate) supervision: &'a Supervision,
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) place: &'a Place,
    pub(crate) checkout: PathBuf,
    pub(crate) env: BTreeMap<OsString, OsString>,
    pub(crate) progress: &'a Progress,
    pub(crate) artifacts: Artifacts<'a>,
}

/// How one step went.
enum Verdict {
    Success,
    Failed { code: Option<i32>, message: String },
    StepTimedOut(String),
    BuildTimedOut(String),
}

impl Steps<'_> {
    /// Runs `file`'s steps. `places` are theirs in the progress.
    ///
    /// # Errors
    /// The first failure that counts, after the steps that run always.
    pub(crate) async fn run(&self, file: &BuildFile, places: &[usize]) -> Result<(), Halt> {
        let build_deadline = Instant::now() + Duration::from_secs(file.timeout_seconds);
        let mut failure: Option<Halt> = None;
        let mut phase = None;
        for (i, (step, place)) in file.steps.iter().zip(places).enumerate() {
            if failure.is_some() && !step.always {
                self.progress.end(*place, StepStatus::Skipped, None);
                continue;
            }
            if phase.replace(step.phase) != Some(step.phase) {
                let name = step.phase.as_str();
                self.say(step.phase, Level::Info, &format!("phase {name}"), Some((MarkKind::Phase, name)));
            }
            let first_line = self.announce(step, i + 1, file.steps.len());
            self.progress.start(*place, first_line);
            let verdict = self.run_step(step, file, build_deadline).await;
            if let Err(Halt::Stopped(_)) = &verdict {
                self.progress.end(*place, StepStatus::Cancelled, None);
            }
            let halt = self.judge(step, *place, verdict?);
            self.keep_artifacts(step).await?;
            match halt {
                Some((halt, true)) => return Err(failure.unwrap_or(halt)),
                Some((halt, false)) if !step.continue_on_error => failure = failure.or(Some(halt)),
                _ => {}
            }
        }
        failure.map_or(Ok(()), Err)
    }

    fn announce(&self, step: &StepSpec, number: usize, count: usize) -> i64 {
        let header = format!("step {number} of {count}: {}", step.name);
        let first_line = self.say(step.phase, Level::Info, &header, Some((MarkKind::Step, &step.name)));
        for (i, line) in step.run.trim().lines().enumerate() {
            let prompt = if i == 0 { "$" } else { ">" };
            self.say(step.phase, Level::Debug, &format!("{prompt} {line}"), None);
        }
        first_line
    }

    async fn run_step(&self, step: &StepSpec, file: &BuildFile, build_deadline: Instant) -> Result<Verdict, Halt> {
        let Some(folder) = self.folder(step) else {
            let folder = step.working_directory.as_deref().unwrap_or(".");
            let message = format!("its working_directory {folder:?} is not a folder of the checkout");
            return Ok(Verdict::Failed { code: None, message });
        };
        let (shell, mut arguments) = shell();
        arguments.push(&step.run);
        let mut command = self.sandbox.command(self.place, &folder, shell, &arguments);
        command.env_clear().envs(&self.env).envs(&file.env).envs(&step.env);

        let step_deadline = step.timeout_seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let deadline = step_deadline.map_or(build_deadline, |step| step.min(build_deadline));
        let ended = self.supervision.run(command, step.phase, Some(deadline)).await;
        match ended.map_err(|error| Halt::io("cannot start a step", &error))? {
            Ended::Exited { code, left_behind } => {
                self.tell_left_behind(step.phase, &left_behind);
                Ok(match code {
                    0 => Verdict::Success,
                    code => Verdict::Failed { code: Some(code), message: exit_message(code) },
                })
            }
            Ended::TimedOut if step_deadline.is_some_and(|step| step <= build_deadline) => {
                let seconds = step.timeout_seconds.unwrap_or_default();
                Ok(Verdict::StepTimedOut(format!("it took longer than its timeout of {seconds} s")))
            }
            Ended::TimedOut => {
                let seconds = file.timeout_seconds;
                Ok(Verdict::BuildTimedOut(format!("the build took longer than its timeout of {seconds} s")))
            }
            Ended::Stopped(cause) => Err(Halt::Stopped(cause)),
        }
    }

    /// Records the verdict. Answers the failure, and whether it ends the build whatever the build file says.
    fn judge(&self, step: &StepSpec, place: usize, verdict: Verdict) -> Option<(Halt, bool)> {
        let (status, code, reason, message, ends) = match verdict {
            Verdict::Success => {
                self.progress.end(place, StepStatus::Success, Some(0));
                return None;
            }
            Verdict::Failed { code, message } => (StepStatus::Failed, code, FailureReason::StepFailed, message, false),
            Verdict::StepTimedOut(message) => (StepStatus::TimedOut, None, FailureReason::TimedOut, message, false),
            Verdict::BuildTimedOut(message) => (StepStatus::TimedOut, None, FailureReason::TimedOut, message, true),
        };
        self.progress.end(place, status, code);
        let message = format!("step {:?} failed: {message}", step.name);
        let goes_on = step.continue_on_error && !ends;
        let level = if goes_on { Level::Warn } else { Level::Error };
        let kind = if goes_on { MarkKind::Warning } else { MarkKind::Error };
        self.say(step.phase, level, &message, Some((kind, &message)));
        Some((Halt::fail(reason, message), ends))
    }

    /// Of a failed step too: what it left is often what explains it.
    async fn keep_artifacts(&self, step: &StepSpec) -> Result<(), Halt> {
        if step.artifacts.is_empty() {
            return Ok(());
        }
        let (checkout, patterns) = (self.checkout.clone(), step.artifacts.clone());
        let found = tokio::task::spawn_blocking(move || find(&checkout, &patterns, &[])).await.unwrap_or_default();
        for name in &found.outside {
            let text = format!("artifact {name} is not kept: it is a link that leads out of the checkout");
            self.say(step.phase, Level::Warn, &text, None);
        }
        if found.files.is_empty() {
            let text = format!("no file matches the artifacts of step {:?}: {}", step.name, step.artifacts.join(", "));
            self.say(step.phase, Level::Warn, &text, None);
        }
        if found.files.len() > MAX_ARTIFACTS {
            let text = format!("{} files match; only the first {MAX_ARTIFACTS} are kept: pack them", found.files.len());
            self.say(step.phase, Level::Warn, &text, Some((MarkKind::Warning, &text)));
        }
        for file in found.files.into_iter().take(MAX_ARTIFACTS) {
            self.artifacts.send(&file.name, &file.path, step.artifact_type).await?;
        }
        Ok(())
    }

    fn folder(&self, step: &StepSpec) -> Option<PathBuf> {
        let folder = self.checkout.join(step.working_directory.as_deref().unwrap_or_default());
        inside(&self.checkout, &folder).filter(|folder| folder.is_dir())
    }

    fn tell_left_behind(&self, phase: Phase, names: &[String]) {
        if !names.is_empty() {
            let text = format!("the step left {} running in the background; stopped", names.join(", "));
            self.say(phase, Level::Info, &text, None);
        }
    }

    fn say(&self, phase: Phase, level: Level, text: &str, mark: Option<(MarkKind, &str)>) -> i64 {
        Arc::clone(&self.supervision.journal).say(phase, level, text, mark)
    }
}

/// The shell that runs a step, ending at the first command that fails.
fn shell() -> (&'static str, Vec<&'static str>) {
    if on_path("bash").is_some() { ("bash", vec!["-e", "-c"]) } else { ("sh", vec!["-e", "-c"]) }
}

fn exit_message(code: i32) -> String {
    let hint = match code {
        126 => " (the command is not executable)",
        127 => " (the command was not found)",
        137 => " (killed: out of memory, perhaps)",
        _ => "",
    };
    format!("exit code {code}{hint}")
}

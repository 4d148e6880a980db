//! A status as shape and word; colour only repeats them.

use plimsoll_core::status::{BuildStatus, StepStatus, TestOutcome};
use serde::{Serialize, Serializer};

/// `key` names the style and is what JSON carries, `glyph` the symbol in `templates/sprite.html`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    pub key: &'static str,
    pub glyph: &'static str,
    pub word: &'static str,
}

impl Serialize for Badge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key)
    }
}

const fn badge(key: &'static str, glyph: &'static str, word: &'static str) -> Badge {
    Badge { key, glyph, word }
}

impl From<BuildStatus> for Badge {
    fn from(status: BuildStatus) -> Self {
        match status {
            BuildStatus::Queued => badge("queued", "queued", "Queued"),
            BuildStatus::Running => badge("running", "running", "Running"),
            BuildStatus::Success => badge("success", "success", "Success"),
            BuildStatus::Failed => badge("failed", "failed", "Failed"),
            BuildStatus::Cancelled => badge("cancelled", "cancelled", "Cancelled"),
        }
    }
}

impl From<StepStatus> for Badge {
    fn from(status: StepStatus) -> Self {
        match status {
            StepStatus::Pending => badge("pending", "queued", "Waiting"),
            StepStatus::Running => badge("running", "running", "Running"),
            StepStatus::Success => badge("success", "success", "Success"),
            StepStatus::Failed => badge("failed", "failed", "Failed"),
            StepStatus::TimedOut => badge("timed_out", "timed_out", "Timed out"),
            StepStatus::Cancelled => badge("cancelled", "cancelled", "Cancelled"),
            StepStatus::Skipped => badge("skipped", "skipped", "Skipped"),
        }
    }
}

impl From<TestOutcome> for Badge {
    fn from(outcome: TestOutcome) -> Self {
        match outcome {
            TestOutcome::Passed => badge("passed", "success", "Passed"),
            TestOutcome::Failed => badge("failed", "failed", "Failed"),
            TestOutcome::Skipped => badge("skipped", "skipped", "Skipped"),
        }
    }
}

impl Badge {
    /// The health of a project or a branch by its last build.
    pub fn health(last_build: Option<BuildStatus>) -> Self {
        match last_build {
            None => badge("none", "none", "No builds"),
            Some(BuildStatus::Success) => badge("healthy", "success", "Healthy"),
            Some(BuildStatus::Failed) => badge("failed", "failed", "Failed"),
            Some(BuildStatus::Queued | BuildStatus::Running) => badge("building", "running", "Building"),
            Some(BuildStatus::Cancelled) => badge("cancelled", "cancelled", "Cancelled"),
        }
    }

    pub const fn online(online: bool) -> Self {
        if online { badge("online", "online", "Online") } else { badge("offline", "offline", "Offline") }
    }
}

//! What codes are called on the page.

use plimsoll_core::status::FailureReason;
use plimsoll_db::queue::WaitReason;

/// The first line of a commit's message, or what else can be said of a build.
pub(crate) fn subject(message: Option<&str>, trigger: &str) -> String {
    let first = message.and_then(|text| text.lines().map(str::trim).find(|line| !line.is_empty()));
    match (first, trigger) {
        (Some(line), _) => line.chars().take(200).collect(),
        (None, "schedule") => "Scheduled build".into(),
        (None, "api") => "Build by API".into(),
        (None, _) => "Newest commit of the branch".into(),
    }
}

/// "Ada" of "Ada <ada@example.org>".
pub(super) fn author_name(author: &str) -> String {
    author.split(" <").next().unwrap_or(author).to_owned()
}

pub(super) fn trigger(trigger: &str) -> &'static str {
    match trigger {
        "commit" => "pushed",
        "schedule" => "scheduled",
        "api" => "triggered by API",
        _ => "started by hand",
    }
}

pub(super) fn reason(reason: Option<&str>) -> &'static str {
    match reason.and_then(|text| text.parse().ok()) {
        Some(FailureReason::StepFailed) => "A step failed.",
        Some(FailureReason::TimedOut) => "A step took too long.",
        Some(FailureReason::RunnerLost) => "The runner was lost.",
        Some(FailureReason::Cancelled) => "Cancelled.",
        Some(FailureReason::Superseded) => "Superseded.",
        Some(FailureReason::Infrastructure) => "The runner could not do its part.",
        Some(FailureReason::CheckoutFailed) => "The commit could not be checked out.",
        Some(FailureReason::InvalidBuildFile) => "The build file has a mistake.",
        Some(FailureReason::LogLimit) => "The log grew over its limit.",
        Some(FailureReason::SecretUnmaskable) => "A secret cannot be masked.",
        None => "",
    }
}

pub(super) fn wait(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::NoRunner => "No runner is connected",
        WaitReason::OrgLimit => "As many builds run as may",
        WaitReason::BranchBusy => "Waiting for this branch",
        WaitReason::Backoff => "Waiting to be tried again",
        WaitReason::Waiting | WaitReason::NotQueued => "Waiting for a free runner",
    }
}

/// `WaitReason` as it is spelled in JSON.
pub(super) fn wait_code(reason: WaitReason) -> String {
    serde_json::to_value(reason).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) fn phase(phase: &str) -> &'static str {
    match phase {
        "checkout" => "Checkout",
        "build" => "Build",
        "test" => "Test",
        "package" => "Package",
        "deploy" => "Deploy",
        "promote" => "Promote",
        _ => "System",
    }
}

pub(super) fn outcome(outcome: &str) -> &'static str {
    match outcome {
        "finished" => "Finished",
        "lost" => "Lost",
        "infrastructure" => "Given back",
        _ => "Ended",
    }
}

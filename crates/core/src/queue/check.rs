//! What holds after every event, whatever happened before.

use std::collections::BTreeMap;

use super::{Effect, Model};
use crate::status::BuildStatus;

impl Model {
    /// Every rule that a state breaks, in words; none when all is well.
    pub fn check(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut held = BTreeMap::new();
        let mut tokens: Vec<i64> = Vec::new();
        for (build, run) in &self.runs {
            let mut must = |holds: bool, rule: &str| {
                if !holds {
                    broken.push(format!("build {build}: {rule}"));
                }
            };
            let ended = run.status.is_terminal();
            must(run.ends == u32::from(ended), "has exactly one end, and that only when its status says so");
            must(!ended || (run.lease.is_none() && run.next_attempt_at.is_none()), "holds nothing after its end");
            must(run.status != BuildStatus::Running || run.lease.is_some(), "runs only under a lease");
            must(run.lease.is_none() || run.next_attempt_at.is_none(), "waits for no attempt while it has one");
            must(run.attempts <= run.max_attempts, "is not tried more often than allowed");
            must(run.attempts as usize == run.tokens.len(), "has one token an attempt");
            must(run.tokens.is_sorted_by(|a, b| a < b), "has tokens that only rise");
            must(run.tokens.last().is_none_or(|last| *last <= self.last_token), "has no token from the future");
            must(
                (run.status == BuildStatus::Success) == (ended && run.reason.is_none()),
                "says why unless it succeeded",
            );
            if let Some(lease) = &run.lease {
                must(run.tokens.last() == Some(&lease.token), "is held by its newest token");
                must(held.insert(run.branch, *build).is_none(), "is the only one held on its branch");
            }
            tokens.extend(&run.tokens);
        }
        let all = tokens.len();
        tokens.sort_unstable();
        tokens.dedup();
        if tokens.len() != all {
            broken.push("a fencing token was given twice".to_owned());
        }
        self.check_ready(&mut broken);
        broken
    }

    /// An idle branch with work has exactly one run that may be claimed, unless its first waits for its next attempt.
    fn check_ready(&self, broken: &mut Vec<String>) {
        let branches: std::collections::BTreeSet<_> = self.runs.values().map(|run| run.branch).collect();
        for branch in branches {
            let waiting = self.waiting(branch);
            let busy = self.runs.values().any(|run| run.branch == branch && run.lease.is_some());
            let ready = waiting.iter().filter(|(build, _)| self.is_ready(*build)).count();
            let held_back = waiting.first().is_none_or(|(_, first)| first.next_attempt_at.is_some());
            if ready != usize::from(!busy && !held_back) {
                broken.push(format!("branch {branch} has {ready} runs that may be claimed"));
            }
        }
    }

    /// What must hold between two states, given the effects that led from `self` to `after`.
    pub fn check_step(&self, after: &Model, effects: &[Effect]) -> Vec<String> {
        let mut broken = Vec::new();
        for effect in effects {
            match effect {
                Effect::Claimed { build, token, .. } => {
                    let run = &after.runs[build];
                    if *token <= self.last_token {
                        broken.push(format!("build {build}: token {token} is not newer than {}", self.last_token));
                    }
                    if after.running(run.org) > after.lanes[&run.org].max_running as usize {
                        broken.push(format!("build {build}: claimed above its org's limit"));
                    }
                    if self.head(run.org).map(|(head, _)| head) != Some(*build) {
                        broken.push(format!("build {build}: claimed before another of its org"));
                    }
                }
                Effect::Ended { build, .. } if self.runs.get(build).is_some_and(|run| run.status.is_terminal()) => {
                    broken.push(format!("build {build}: ended twice"));
                }
                _ => {}
            }
        }
        // What has ended stays as it is.
        for (build, run) in self.runs.iter().filter(|(_, run)| run.status.is_terminal()) {
            if after.runs.get(build) != Some(run) {
                broken.push(format!("build {build}: changed after its end"));
            }
        }
        broken
    }
}

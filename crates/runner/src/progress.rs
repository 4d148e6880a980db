//! Tells the server how the steps stand: always the newest state, never holding up the steps.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use plimsoll_core::protocol::{Step, Steps};
use plimsoll_core::status::{Phase, StepStatus};
use tokio::sync::watch;

use crate::api::AttemptApi;
use crate::retrying::while_leased;
use crate::stop::StopSignal;

/// The steps of an attempt. The first is the checkout.
pub(crate) struct Progress {
    steps: Mutex<Vec<Step>>,
    changed: watch::Sender<u64>,
}

impl Progress {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(Vec::new()), changed: watch::Sender::new(0) })
    }

    /// Adds a pending step and answers its place.
    pub(crate) fn add(&self, name: String, phase: Phase, command: Option<String>) -> usize {
        let mut steps = self.steps.lock().expect("no code panics while it holds the steps");
        steps.push(Step {
            name,
            phase,
            command,
            status: StepStatus::Pending,
            started_at: None,
            finished_at: None,
            exit_code: None,
            first_line: None,
        });
        steps.len() - 1
    }

    pub(crate) fn start(&self, step: usize, first_line: i64) {
        self.change(step, |step| {
            step.status = StepStatus::Running;
            step.started_at = Some(Timestamp::now());
            step.first_line = Some(first_line);
        });
    }

    pub(crate) fn end(&self, step: usize, status: StepStatus, exit_code: Option<i32>) {
        self.change(step, |step| {
            step.status = status;
            step.finished_at = step.started_at.map(|_| Timestamp::now());
            step.exit_code = exit_code;
        });
    }

    fn change(&self, step: usize, change: impl FnOnce(&mut Step)) {
        change(&mut self.steps.lock().expect("no code panics while it holds the steps")[step]);
        self.changed.send_modify(|version| *version += 1);
    }

    /// What is not over by now never will be: pending steps are skipped, a running one is cancelled.
    pub(crate) fn close(&self) {
        for step in self.steps.lock().expect("no code panics while it holds the steps").iter_mut() {
            match step.status {
                StepStatus::Pending => step.status = StepStatus::Skipped,
                StepStatus::Running => {
                    step.status = StepStatus::Cancelled;
                    step.finished_at = Some(Timestamp::now());
                }
                _ => {}
            }
        }
        self.changed.send_modify(|version| *version += 1);
    }

    fn snapshot(&self) -> Steps {
        Steps { steps: self.steps.lock().expect("no code panics while it holds the steps").clone() }
    }

    /// Sends every change, or the sum of several, until `closing` is true and the last was sent, or nothing more may be
    /// written.
    pub(crate) async fn report(self: Arc<Self>, api: AttemptApi, stop: StopSignal, mut closing: watch::Receiver<bool>) {
        let mut changes = self.changed.subscribe();
        let mut sent = 0;
        loop {
            // Asked before the version: what changed before the closing is then sent for certain.
            let last = *closing.borrow_and_update();
            let version = *changes.borrow_and_update();
            if version > sent {
                let steps = self.snapshot();
                if let Err(error) = while_leased(&stop, "report the steps", || api.steps(&steps)).await {
                    tracing::warn!(error = %error, "the server does not take the steps of a build: {error}");
                }
                sent = version;
                continue;
            }
            if last || stop.is_lost() {
                return;
            }
            tokio::select! {
                _ = changes.changed() => {}
                _ = closing.changed() => {}
                () = stop.lost() => return,
            }
        }
    }
}

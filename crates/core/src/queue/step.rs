//! One event at a time: `(state, event, now) -> (state, effects)`.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Effect, Event, Lease, Model, Refusal, Run, rank};
use crate::status::{BuildStatus, FailureReason, Stage};

/// What the queue does on an event at `now`.
pub fn decide(mut model: Model, event: Event, now: Timestamp) -> (Model, Vec<Effect>) {
    let mut effects = Vec::new();
    let mut step = Step { model: &mut model, effects: &mut effects, now };
    let result = match event {
        Event::Enqueue { build, queue_id, org, branch, stage, build_number, priority, max_attempts } => {
            let run = Run {
                queue_id,
                org,
                branch,
                build_number,
                rank: rank(stage, priority, now),
                status: BuildStatus::Queued,
                reason: None,
                attempts: 0,
                max_attempts,
                next_attempt_at: None,
                lease: None,
                tokens: Vec::new(),
                ends: 0,
                ended_under: None,
            };
            step.enqueue(build, run, stage)
        }
        Event::Claim { org, lease_for, start } => step.claim(org, lease_for, start),
        Event::Start { build, token } => step.start(build, token),
        Event::Renew { build, token, lease_for } => step.renew(build, token, lease_for),
        Event::Finish { build, token, status, reason } => step.finish(build, token, status, reason),
        Event::Release { build, token, next_attempt_at } => step.release(build, token, next_attempt_at),
        Event::Cancel { build } => step.cancel(build),
        Event::Expire { build, token, next_attempt_at } => step.expire(build, token, next_attempt_at),
        Event::PromoteDue => step.promote_due(),
        Event::SetLimit { org, max_running } => {
            step.model.lanes.entry(org).or_default().max_running = max_running;
            Ok(())
        }
    };
    if let Err((build, why)) = result {
        effects.push(Effect::Refused { build, why });
    }
    (model, effects)
}

type Outcome = Result<(), (Uuid, Refusal)>;

struct Step<'m> {
    model: &'m mut Model,
    effects: &'m mut Vec<Effect>,
    now: Timestamp,
}

impl Step<'_> {
    fn run(&mut self, build: Uuid) -> Result<&mut Run, (Uuid, Refusal)> {
        self.model.runs.get_mut(&build).ok_or((build, Refusal::Unknown))
    }

    /// The run whose live lease this token proves.
    fn held(&mut self, build: Uuid, token: i64) -> Result<(&mut Run, Lease), (Uuid, Refusal)> {
        let now = self.now;
        let run = self.run(build)?;
        match run.lease.clone().filter(|lease| lease.token == token && lease.expires_at > now) {
            Some(lease) => Ok((run, lease)),
            None => Err((build, Refusal::Stale)),
        }
    }

    fn enqueue(&mut self, build: Uuid, run: Run, stage: Stage) -> Outcome {
        if let Some(known) = self.model.runs.get(&build) {
            if known.status.is_terminal() {
                return Err((build, Refusal::WrongStatus { from: known.status, to: BuildStatus::Queued }));
            }
            self.effects.push(Effect::Unchanged { build });
            return Ok(());
        }
        self.model.lanes.entry(run.org).or_default();
        let newest_wins = stage != Stage::Production;
        let siblings: Vec<(Uuid, i32, bool)> = self
            .model
            .runs
            .iter()
            .filter(|(_, other)| newest_wins && other.branch == run.branch && !other.status.is_terminal())
            .map(|(id, other)| (*id, other.build_number, other.lease.is_some()))
            .collect();
        let outdated = siblings.iter().any(|(_, number, _)| *number > run.build_number);
        self.model.runs.insert(build, run);
        self.effects.push(Effect::Queued { build });
        if outdated {
            self.end(build, BuildStatus::Cancelled, Some(FailureReason::Superseded));
            return Ok(());
        }
        for (older, _, leased) in siblings {
            if leased {
                self.ask_to_stop(older, FailureReason::Superseded);
            } else {
                self.end(older, BuildStatus::Cancelled, Some(FailureReason::Superseded));
            }
        }
        Ok(())
    }

    fn claim(&mut self, only: Option<Uuid>, lease_for: SignedDuration, start: bool) -> Outcome {
        let head = self.model.next_org(only).and_then(|org| self.model.head(org)).map(|(build, run)| (build, run.org));
        let Some((build, org)) = head else {
            self.effects.push(Effect::NothingToClaim);
            return Ok(());
        };
        self.model.last_token += 1;
        let (token, now) = (self.model.last_token, self.now);
        self.model.lanes.entry(org).or_default().served_at = Some(now);
        let run = self.run(build)?;
        run.attempts += 1;
        run.tokens.push(token);
        let attempt = run.attempts;
        run.lease = Some(Lease { token, attempt, expires_at: later(now, lease_for), cancel: None });
        self.effects.push(Effect::Claimed { build, token, attempt });
        if start { self.start(build, token) } else { Ok(()) }
    }

    fn start(&mut self, build: Uuid, token: i64) -> Outcome {
        let (run, _) = self.held(build, token)?;
        if run.status != BuildStatus::Running {
            run.status = BuildStatus::Running;
            self.effects.push(Effect::Started { build });
        } else {
            self.effects.push(Effect::Unchanged { build });
        }
        Ok(())
    }

    fn renew(&mut self, build: Uuid, token: i64, lease_for: SignedDuration) -> Outcome {
        let now = self.now;
        let (run, lease) = self.held(build, token)?;
        let cancel = lease.cancel;
        run.lease = Some(Lease { expires_at: later(now, lease_for), ..lease });
        self.effects.push(Effect::Renewed { build, cancel });
        Ok(())
    }

    fn finish(&mut self, build: Uuid, token: i64, status: BuildStatus, reason: Option<FailureReason>) -> Outcome {
        let run = self.run(build)?;
        if run.lease.is_none() && run.ended_under == Some(token) && run.status == status {
            self.effects.push(Effect::Unchanged { build });
            return Ok(());
        }
        let (run, lease) = self.held(build, token)?;
        let (from, may) = (run.status, run.status.may_become(status));
        if !status.is_terminal() || !may {
            return Err((build, Refusal::WrongStatus { from, to: status }));
        }
        run.ended_under = Some(token);
        let reason = match status {
            BuildStatus::Failed => Some(reason.unwrap_or(FailureReason::StepFailed)),
            BuildStatus::Cancelled => Some(lease.cancel.or(reason).unwrap_or(FailureReason::Cancelled)),
            _ => None,
        };
        self.end(build, status, reason);
        Ok(())
    }

    fn release(&mut self, build: Uuid, token: i64, next_attempt_at: Option<Timestamp>) -> Outcome {
        let (_, lease) = self.held(build, token)?;
        self.retry_or_end(build, lease, next_attempt_at, FailureReason::Infrastructure)
    }

    fn expire(&mut self, build: Uuid, token: i64, next_attempt_at: Option<Timestamp>) -> Outcome {
        let now = self.now;
        let lease = self.run(build)?.lease.clone().filter(|lease| lease.token == token && lease.expires_at <= now);
        let lease = lease.ok_or((build, Refusal::NotExpired))?;
        self.retry_or_end(build, lease, next_attempt_at, FailureReason::RunnerLost)
    }

    /// What follows an attempt that ended for reasons of the machinery.
    fn retry_or_end(&mut self, build: Uuid, lease: Lease, at: Option<Timestamp>, reason: FailureReason) -> Outcome {
        if let Some(cancel) = lease.cancel {
            self.end(build, BuildStatus::Cancelled, Some(cancel));
            return Ok(());
        }
        let now = self.now;
        let run = self.run(build)?;
        match at {
            Some(at) if lease.attempt < run.max_attempts => {
                run.lease = None;
                run.status = BuildStatus::Queued;
                run.next_attempt_at = Some(at).filter(|at| *at > now);
                let next_attempt_at = run.next_attempt_at;
                self.effects.push(Effect::Requeued { build, next_attempt_at });
            }
            _ => self.end(build, BuildStatus::Failed, Some(reason)),
        }
        Ok(())
    }

    fn cancel(&mut self, build: Uuid) -> Outcome {
        let run = self.run(build)?;
        match run.status {
            BuildStatus::Cancelled => self.effects.push(Effect::Unchanged { build }),
            from @ (BuildStatus::Success | BuildStatus::Failed) => {
                return Err((build, Refusal::WrongStatus { from, to: BuildStatus::Cancelled }));
            }
            _ if run.lease.is_some() => self.ask_to_stop(build, FailureReason::Cancelled),
            _ => self.end(build, BuildStatus::Cancelled, Some(FailureReason::Cancelled)),
        }
        Ok(())
    }

    fn promote_due(&mut self) -> Outcome {
        for (build, run) in &mut self.model.runs {
            if run.next_attempt_at.is_some_and(|at| at <= self.now) {
                run.next_attempt_at = None;
                self.effects.push(Effect::Promoted { build: *build });
            }
        }
        Ok(())
    }

    /// The first reason stands.
    fn ask_to_stop(&mut self, build: Uuid, reason: FailureReason) {
        if let Some(lease) = self.model.runs.get_mut(&build).and_then(|run| run.lease.as_mut())
            && lease.cancel.is_none()
        {
            lease.cancel = Some(reason);
            self.effects.push(Effect::AskedToStop { build, reason });
        }
    }

    fn end(&mut self, build: Uuid, status: BuildStatus, reason: Option<FailureReason>) {
        if let Some(run) = self.model.runs.get_mut(&build) {
            run.lease = None;
            run.next_attempt_at = None;
            run.status = status;
            run.reason = reason;
            run.ends += 1;
            self.effects.push(Effect::Ended { build, status, reason });
        }
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

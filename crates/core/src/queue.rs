//! The queue's rules as a pure state machine: what the database functions must do, in a form that can be read in one go
//! and played by the million.
//!
//! Only what was decided is stored. Who may be claimed next, how many builds of an org run, and whose turn it is are
//! computed from it each time; the database keeps those as columns for speed, and a test compares the two.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::status::{BuildStatus, FailureReason, Stage};

mod check;
mod step;

pub use step::decide;

/// Builds of an org that may run at a time, unless it is set otherwise.
pub const DEFAULT_MAX_RUNNING: u32 = 4;

/// Order of a run within its org, smallest first: when it was queued, minus an advantage for stage and priority. So a
/// production build overtakes staging builds that were queued up to 10 minutes before it, and development builds up to
/// 20; a step of priority is worth 2 minutes; and whoever has waited longer than that comes first. Never after
/// `queued_at`: an org that waits thus has an earlier turn than one that has just been served.
pub fn rank(stage: Stage, priority: i16, queued_at: Timestamp) -> Timestamp {
    let stage_minutes = match stage {
        Stage::Production => 30,
        Stage::Staging => 20,
        Stage::Development => 10,
    };
    let advantage = SignedDuration::from_mins(stage_minutes + (5 - i64::from(priority.clamp(1, 10))) * 2);
    queued_at.checked_sub(advantage).unwrap_or(Timestamp::MIN)
}

/// All orgs and all runs that there ever were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    pub lanes: BTreeMap<Uuid, Lane>,
    /// By build.
    pub runs: BTreeMap<Uuid, Run>,
    /// The newest fencing token.
    pub last_token: i64,
}

/// An org's place among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub max_running: u32,
    /// When a run of this org was last claimed.
    pub served_at: Option<Timestamp>,
}

impl Default for Lane {
    fn default() -> Self {
        Self { max_running: DEFAULT_MAX_RUNNING, served_at: None }
    }
}

/// One build's way through the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub queue_id: Uuid,
    pub org: Uuid,
    pub branch: Uuid,
    pub build_number: i32,
    pub rank: Timestamp,
    pub status: BuildStatus,
    pub reason: Option<FailureReason>,
    pub attempts: i32,
    pub max_attempts: i32,
    /// Not to be claimed until [`Event::PromoteDue`] comes after this time.
    pub next_attempt_at: Option<Timestamp>,
    pub lease: Option<Lease>,
    /// Tokens of all leases, oldest first.
    pub tokens: Vec<i64>,
    /// How often the build reached an end: never more than once.
    pub ends: u32,
    /// The lease under which it ended, if it ended under one.
    pub ended_under: Option<i64>,
}

/// A runner's right to a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub token: i64,
    pub attempt: i32,
    pub expires_at: Timestamp,
    /// The runner was asked to stop.
    pub cancel: Option<FailureReason>,
}

/// What happens to the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A build of a branch is queued. `build_number` counts per project; `queue_id` breaks ties of rank.
    Enqueue {
        build: Uuid,
        queue_id: Uuid,
        org: Uuid,
        branch: Uuid,
        stage: Stage,
        build_number: i32,
        priority: i16,
        max_attempts: i32,
    },
    /// A runner asks for work: of one org, or of any. With `start` the build runs at once.
    Claim {
        org: Option<Uuid>,
        lease_for: SignedDuration,
        start: bool,
    },
    /// The runner starts what it claimed.
    Start {
        build: Uuid,
        token: i64,
    },
    Renew {
        build: Uuid,
        token: i64,
        lease_for: SignedDuration,
    },
    /// The runner is done: success, failed or cancelled.
    Finish {
        build: Uuid,
        token: i64,
        status: BuildStatus,
        reason: Option<FailureReason>,
    },
    /// The runner could not do its part. None: it is not to be tried again.
    Release {
        build: Uuid,
        token: i64,
        next_attempt_at: Option<Timestamp>,
    },
    /// Somebody cancels the build.
    Cancel {
        build: Uuid,
    },
    /// The reaper found the lease over. None: it is not to be tried again.
    Expire {
        build: Uuid,
        token: i64,
        next_attempt_at: Option<Timestamp>,
    },
    /// Runs whose wait is over may be claimed again.
    PromoteDue,
    SetLimit {
        org: Uuid,
        max_running: u32,
    },
}

/// What an event did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Queued {
        build: Uuid,
    },
    Claimed {
        build: Uuid,
        token: i64,
        attempt: i32,
    },
    NothingToClaim,
    Started {
        build: Uuid,
    },
    /// `cancel`: the runner is told to stop.
    Renewed {
        build: Uuid,
        cancel: Option<FailureReason>,
    },
    AskedToStop {
        build: Uuid,
        reason: FailureReason,
    },
    Requeued {
        build: Uuid,
        next_attempt_at: Option<Timestamp>,
    },
    Promoted {
        build: Uuid,
    },
    Ended {
        build: Uuid,
        status: BuildStatus,
        reason: Option<FailureReason>,
    },
    /// A repeat of something already done.
    Unchanged {
        build: Uuid,
    },
    Refused {
        build: Uuid,
        why: Refusal,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such build.
    Unknown,
    /// The token is not that of a live lease.
    Stale,
    /// The lease is not over yet, or another's.
    NotExpired,
    WrongStatus {
        from: BuildStatus,
        to: BuildStatus,
    },
}

impl Model {
    /// Builds of the org that hold a lease.
    pub fn running(&self, org: Uuid) -> usize {
        self.runs.values().filter(|run| run.org == org && run.lease.is_some()).count()
    }

    /// The branch's queued runs in their order, with their builds.
    pub fn waiting(&self, branch: Uuid) -> Vec<(Uuid, &Run)> {
        let queued = |run: &&Run| run.branch == branch && run.status == BuildStatus::Queued && run.lease.is_none();
        let mut waiting: Vec<(Uuid, &Run)> =
            self.runs.iter().filter(|(_, run)| queued(run)).map(|(id, run)| (*id, run)).collect();
        waiting.sort_by_key(|(_, run)| run.order());
        waiting
    }

    /// Whether the build may be claimed: its branch is idle, it is the branch's first, and it waits for no attempt. A
    /// first run that does wait holds the others back, because builds of a branch end in their order.
    pub fn is_ready(&self, build: Uuid) -> bool {
        let Some(run) = self.runs.get(&build) else { return false };
        let idle = !self.runs.values().any(|other| other.branch == run.branch && other.lease.is_some());
        idle && run.next_attempt_at.is_none()
            && self.waiting(run.branch).first().is_some_and(|(first, _)| *first == build)
    }

    /// The org's run that is claimed next, limits aside.
    pub fn head(&self, org: Uuid) -> Option<(Uuid, &Run)> {
        let ready = self.runs.iter().filter(|(build, run)| run.org == org && self.is_ready(**build));
        ready.map(|(build, run)| (*build, run)).min_by_key(|(_, run)| run.order())
    }

    /// When it is the org's turn, smallest first: the rank of its head, or when it was last served if that is later, so
    /// that no org can crowd out another. None: nothing to claim, or the org is at its limit.
    pub fn turn(&self, org: Uuid) -> Option<Timestamp> {
        let lane = self.lanes.get(&org)?;
        let (_, head) = self.head(org)?;
        let below_limit = self.running(org) < lane.max_running as usize;
        below_limit.then(|| lane.served_at.map_or(head.rank, |served| served.max(head.rank)))
    }

    /// The org that is served next, of all or if it is this one.
    pub fn next_org(&self, only: Option<Uuid>) -> Option<Uuid> {
        let orgs = self.lanes.keys().filter(|org| only.is_none_or(|only| only == **org));
        orgs.filter_map(|org| Some((self.turn(*org)?, *org))).min().map(|(_, org)| org)
    }
}

impl Run {
    fn order(&self) -> (Timestamp, Uuid) {
        (self.rank, self.queue_id)
    }
}

#[cfg(test)]
mod tests;

//! Random histories, played on the model and on the database: both must decide the same.
//!
//! The database reads its own clock. Time passes by moving everything stored into the past; the model's clock is the
//! database's plus all that passed. Waits are chosen hundreds of seconds away from any expiry, so that no history
//! depends on how long it takes to play.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plimsoll_core::queue::{Effect, Event, Lease, Model, Refusal, decide, rank};
use plimsoll_core::status::{BuildStatus, FailureReason, Stage};
use plimsoll_db::queue::NewBuild;
use plimsoll_db::{Actor, DbError};
use plimsoll_testkit::seed;
use proptest::prelude::*;
use uuid::Uuid;

use crate::scene::Scene;

const LEASE_SECONDS: i32 = 3600;
const BACKOFF: SignedDuration = SignedDuration::from_secs(2500);
const HISTORIES: u32 = 32;

#[derive(Debug, Clone)]
enum Op {
    Enqueue { branch: usize, priority: i16 },
    Claim { org: Option<usize>, start: bool },
    Start { pick: usize },
    Renew { pick: usize },
    Finish { pick: usize, status: BuildStatus },
    Release { pick: usize, again: bool },
    Cancel { pick: usize },
    Reap { again: bool },
    PromoteDue,
    SetLimit { org: usize, max_running: u32 },
    Pass { seconds: i64 },
}

fn op() -> impl Strategy<Value = Op> {
    let pick = 0..64usize;
    let status = prop_oneof![
        3 => Just(BuildStatus::Success), 1 => Just(BuildStatus::Failed), 1 => Just(BuildStatus::Cancelled)];
    prop_oneof![
        8 => (0..9usize, 1..=10i16).prop_map(|(branch, priority)| Op::Enqueue { branch, priority }),
        8 => (prop_oneof![4 => Just(None), 1 => (0..3usize).prop_map(Some)], prop::bool::weighted(0.8))
            .prop_map(|(org, start)| Op::Claim { org, start }),
        2 => pick.clone().prop_map(|pick| Op::Start { pick }),
        2 => pick.clone().prop_map(|pick| Op::Renew { pick }),
        6 => (pick.clone(), status).prop_map(|(pick, status)| Op::Finish { pick, status }),
        2 => (pick.clone(), any::<bool>()).prop_map(|(pick, again)| Op::Release { pick, again }),
        2 => pick.prop_map(|pick| Op::Cancel { pick }),
        3 => prop::bool::weighted(0.8).prop_map(|again| Op::Reap { again }),
        2 => Just(Op::PromoteDue),
        1 => (0..3usize, 0..4u32).prop_map(|(org, max_running)| Op::SetLimit { org, max_running }),
        3 => prop_oneof![Just(1000i64), Just(4000)].prop_map(|seconds| Op::Pass { seconds }),
    ]
}

#[test]
fn the_database_decides_as_the_model_does() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let scene = runtime.block_on(Scene::new());
    let config = ProptestConfig { cases: HISTORIES, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(history in prop::collection::vec(op(), 1..40))| {
        runtime.block_on(async {
            let mut play = Play::new(&scene).await;
            for op in &history {
                play.step(op).await;
                play.compare(op).await;
            }
            scene.assert_consistent().await;
        });
    });
    // Its connections end on this runtime.
    runtime.block_on(async move { drop(scene) });
}

struct Branch {
    id: Uuid,
    project: Uuid,
    org: Uuid,
    stage: Stage,
}

struct Play<'s> {
    scene: &'s Scene,
    model: Model,
    /// How far the model's clock is ahead of the database's.
    passed: SignedDuration,
    orgs: Vec<Uuid>,
    runners: BTreeMap<Uuid, Uuid>,
    branches: Vec<Branch>,
    /// The model counts its tokens from 1; here is what the database calls each.
    tokens: BTreeMap<i64, i64>,
    /// Every (build, token) that was ever handed out, and every build without one, as the model counts.
    known: Vec<(Uuid, i64)>,
    /// Tokens whose run was given back: repeating that is acknowledged, which the model does not know.
    released: BTreeSet<i64>,
}

impl<'s> Play<'s> {
    /// Three orgs with a branch of each stage.
    async fn new(scene: &'s Scene) -> Self {
        let client = &scene.client;
        // What an earlier history left.
        client.execute("delete from registry.orgs where id <> $1", &[&scene.org.id]).await.unwrap();
        let mut play = Self {
            scene,
            model: Model::default(),
            passed: SignedDuration::ZERO,
            orgs: Vec::new(),
            runners: BTreeMap::new(),
            branches: Vec::new(),
            tokens: BTreeMap::from([(0, 0)]),
            known: Vec::new(),
            released: BTreeSet::new(),
        };
        for n in 0..3u8 {
            let org = seed::org(client, "Org").await.id;
            let project = seed::project(client, org, "app", "https://git.example/app.git").await;
            let hash = *Uuid::new_v4().as_bytes();
            let runner = crate::scene::runner(&format!("bound {n}"));
            let runner = scene.db.register_runner(Some(org), &runner, &[hash, hash].concat()).await.unwrap();
            play.orgs.push(org);
            play.runners.insert(org, runner);
            for stage in [Stage::Production, Stage::Staging, Stage::Development] {
                let id = seed::branch(client, project, stage.as_str(), stage.as_str()).await;
                play.branches.push(Branch { id, project, org, stage });
            }
        }
        play
    }

    async fn now(&self) -> Timestamp {
        let row = self.scene.client.query_one("select clock_timestamp()", &[]).await.unwrap();
        row.get::<_, Timestamp>(0) + self.passed
    }

    fn decide(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let (after, effects) = decide(std::mem::take(&mut self.model), event, now);
        self.model = after;
        effects
    }

    fn pick(&self, pick: usize) -> Option<(Uuid, i64)> {
        (!self.known.is_empty()).then(|| self.known[self.known.len() - 1 - pick % self.known.len()])
    }

    async fn step(&mut self, op: &Op) {
        match *op {
            Op::Enqueue { branch, priority } => self.enqueue(branch, priority).await,
            Op::Claim { org, start } => self.claim(org, start).await,
            Op::PromoteDue => {
                let now = self.now().await;
                let promoted = self.scene.db.promote_due_runs().await.unwrap();
                let effects = self.decide(Event::PromoteDue, now);
                assert_eq!(promoted as usize, effects.len());
            }
            Op::SetLimit { org, max_running } => {
                let (org, now) = (self.orgs[org], self.now().await);
                self.scene.db.set_org_limit(&Actor::Service, org, max_running as i32).await.unwrap();
                self.decide(Event::SetLimit { org, max_running }, now);
            }
            Op::Pass { seconds } => self.pass(seconds).await,
            Op::Reap { again } => self.reap(again).await,
            Op::Start { pick }
            | Op::Renew { pick }
            | Op::Finish { pick, .. }
            | Op::Release { pick, .. }
            | Op::Cancel { pick } => {
                if let Some((build, token)) = self.pick(pick) {
                    self.write(op, build, token).await;
                }
            }
        }
    }

    async fn enqueue(&mut self, branch: usize, priority: i16) {
        let (db, client) = (&self.scene.db, &self.scene.client);
        let branch = &self.branches[branch];
        let new = NewBuild { priority: priority.into(), ..NewBuild::manual(branch.project, branch.id) };
        let made = db.trigger_build(&Actor::Service, &new, None).await.unwrap();
        // Two attempts, so that short histories reach the last one.
        let sql = "update ops.run_queue set max_attempts = 2 where id = $1 returning rank";
        let row = client.query_one(sql, &[&made.queue_id]).await.unwrap();
        // When the database queued it, by what it made of that.
        let advantage = Timestamp::UNIX_EPOCH.duration_since(rank(branch.stage, priority, Timestamp::UNIX_EPOCH));
        let now = row.get::<_, Timestamp>(0) + advantage + self.passed;
        let event = Event::Enqueue {
            build: made.build_id,
            queue_id: made.queue_id,
            org: branch.org,
            branch: branch.id,
            stage: branch.stage,
            build_number: made.build_number,
            priority,
            max_attempts: 2,
        };
        self.known.push((made.build_id, 0));
        self.decide(event, now);
    }

    async fn claim(&mut self, org: Option<usize>, start: bool) {
        let org = org.map(|org| self.orgs[org]);
        // claim_next_run serves every org.
        let start = start || org.is_some();
        let db = &self.scene.db;
        let claimed = if start {
            let runner = org.map_or(self.scene.runner, |org| self.runners[&org]);
            let run = db.claim_for_runner(runner, LEASE_SECONDS).await.unwrap();
            run.map(|run| (run.build_id, run.fencing_token))
        } else {
            db.claim_next_run("by name").await.unwrap().map(|run| (run.build_id, run.fencing_token))
        };
        let mut now = self.now().await;
        if let Some((build, token)) = claimed {
            let sql = "select claimed_at from ops.leases where build_id = $1";
            now = self.scene.client.query_one(sql, &[&build]).await.unwrap().get::<_, Timestamp>(0) + self.passed;
            if !start {
                db.renew_lease(build, token, LEASE_SECONDS).await.unwrap();
            }
        }
        let lease_for = SignedDuration::from_secs(LEASE_SECONDS.into());
        let effects = self.decide(Event::Claim { org, lease_for, start }, now);
        match (&effects[0], claimed) {
            (Effect::NothingToClaim, None) => {}
            (Effect::Claimed { build, token, .. }, Some(claimed)) => {
                assert_eq!(*build, claimed.0);
                self.tokens.insert(*token, claimed.1);
                self.known.push((*build, *token));
            }
            (expected, claimed) => panic!("the model says {expected:?}, the database claimed {claimed:?}"),
        }
    }

    async fn pass(&mut self, seconds: i64) {
        let sql = format!(
            "update ops.run_queue set rank = rank - d, next_attempt_at = next_attempt_at - d from (select interval '{seconds} seconds' d) p;
             update ops.leases set claimed_at = claimed_at - d, renewed_at = renewed_at - d, expires_at = expires_at - d
               from (select interval '{seconds} seconds' d) p;
             update ops.queue_lanes set head_rank = head_rank - d, served_at = served_at - d from (select interval '{seconds} seconds' d) p"
        );
        self.scene.client.batch_execute(&sql).await.unwrap();
        self.passed += SignedDuration::from_secs(seconds);
    }

    async fn reap(&mut self, again: bool) {
        let now = self.now().await;
        let db = &self.scene.db;
        let expired = db.expired_leases(100).await.unwrap();
        let found: BTreeSet<Uuid> = expired.iter().map(|lease| lease.build_id).collect();
        let over = |lease: &Lease| lease.expires_at <= now;
        let runs = self.model.runs.iter().filter(|(_, run)| run.lease.as_ref().is_some_and(over));
        let held: BTreeMap<Uuid, i64> = runs.map(|(build, run)| (*build, run.tokens[run.tokens.len() - 1])).collect();
        assert_eq!(found, held.keys().copied().collect());
        for lease in expired {
            let at = again.then_some(lease.now + BACKOFF);
            let done = match at {
                Some(at) => db.requeue_run(lease.build_id, lease.token, at, "silent").await.unwrap(),
                None => db.fail_lost_run(lease.build_id, lease.token, "silent").await.unwrap(),
            };
            assert!(done);
            let next_attempt_at = at.map(|at| at + self.passed);
            let event = Event::Expire { build: lease.build_id, token: held[&lease.build_id], next_attempt_at };
            let effects = self.decide(event, now);
            assert!(!matches!(effects[0], Effect::Refused { .. }), "{effects:?}");
        }
    }

    /// What a runner or a person does to one build, with a token that may be anybody's.
    async fn write(&mut self, op: &Op, build: Uuid, token: i64) {
        let now = self.now().await;
        let (db, lease_for) = (&self.scene.db, SignedDuration::from_secs(LEASE_SECONDS.into()));
        let shown = self.tokens[&token];
        let (answer, event) = match *op {
            Op::Start { .. } if self.model.runs[&build].status == BuildStatus::Queued => (
                db.set_build_status(build, BuildStatus::Running, None, Some(shown)).await,
                Event::Start { build, token },
            ),
            Op::Renew { .. } => {
                (db.renew_lease(build, shown, LEASE_SECONDS).await.map(drop), Event::Renew { build, token, lease_for })
            }
            Op::Finish { status, .. } => {
                let sql = "select coalesce((select next_line from ops.leases where build_id = $1), 1)";
                let next_line = self.scene.client.query_one(sql, &[&build]).await.unwrap().get(0);
                let reason = (status == BuildStatus::Failed).then_some(FailureReason::TimedOut);
                let answer = db.finish_run(build, shown, status, reason, None, next_line).await;
                (answer, Event::Finish { build, token, status, reason })
            }
            Op::Release { again, .. } if !self.released.contains(&token) => {
                let at = Timestamp::from_microsecond((now - self.passed + BACKOFF).as_microsecond()).unwrap();
                let answer = db.release_run(build, shown, again.then_some(at), "disk full").await.map(drop);
                if answer.is_ok() {
                    self.released.insert(token);
                }
                let next_attempt_at = again.then_some(at + self.passed);
                (answer, Event::Release { build, token, next_attempt_at })
            }
            Op::Cancel { .. } => (db.request_cancel(&Actor::Service, build).await.map(drop), Event::Cancel { build }),
            _ => return,
        };
        let effects = self.decide(event, now);
        let refusal = effects.iter().find_map(|effect| match effect {
            Effect::Refused { why, .. } => Some(*why),
            _ => None,
        });
        match (&answer, refusal) {
            (Ok(()), None)
            | (Err(DbError::StaleToken), Some(Refusal::Stale))
            | (Err(DbError::Conflict(_)), Some(Refusal::WrongStatus { .. })) => {}
            _ => panic!("{op:?}: the database answers {answer:?}, the model {effects:?}"),
        }
    }

    /// Every run and every lane, as the model sees it and as the database holds it.
    async fn compare(&self, op: &Op) {
        let runs = "select q.build_id, b.status, b.failure_reason, q.ready, q.attempts, q.rank, q.next_attempt_at, l.token, l.expires_at,
              l.cancel_reason, b.build_number
            from ops.run_queue q join ops.builds b on b.id = q.build_id left join ops.leases l on l.build_id = b.id
            where q.org_id = any($1)";
        let rows = self.scene.client.query(runs, &[&self.orgs]).await.unwrap();
        assert_eq!(rows.len(), self.model.runs.len());
        for row in rows {
            let build: Uuid = row.get(0);
            let run = &self.model.runs[&build];
            let time = |column: usize| row.get::<_, Option<Timestamp>>(column).map(|at| at + self.passed);
            let held = run.lease.as_ref();
            let is = (
                (row.get::<_, &str>(1), row.get::<_, Option<&str>>(2), row.get::<_, bool>(3), row.get::<_, i32>(4)),
                (time(5), time(6)),
                (row.get::<_, Option<i64>>(7), row.get::<_, Option<&str>>(9)),
            );
            let should = (
                (
                    run.status.as_str(),
                    run.reason.map(FailureReason::as_str),
                    run.lease.is_none() && run.status == BuildStatus::Queued && self.model.is_ready(build),
                    run.attempts,
                ),
                (Some(run.rank), run.next_attempt_at),
                (
                    held.map(|lease| self.tokens[&lease.token]),
                    held.and_then(|lease| lease.cancel).map(FailureReason::as_str),
                ),
            );
            assert_eq!(is, should, "after {op:?}, build #{} {build}", row.get::<_, i32>(10));
        }
        let lanes = "select org_id, running, max_running, head_rank from ops.queue_lanes where org_id = any($1)";
        for row in self.scene.client.query(lanes, &[&self.orgs]).await.unwrap() {
            let org: Uuid = row.get(0);
            let head = row.get::<_, Option<Timestamp>>(3).map(|at| at + self.passed);
            let is = (row.get::<_, i32>(1) as usize, head);
            let should = (self.model.running(org), self.model.head(org).map(|(_, run)| run.rank));
            assert_eq!(is, should, "after {op:?}, lane of {org}");
            if let Some(lane) = self.model.lanes.get(&org) {
                assert_eq!(row.get::<_, i32>(2) as u32, lane.max_running);
            }
        }
    }
}

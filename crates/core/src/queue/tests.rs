use proptest::prelude::*;

use super::*;

const LEASE: SignedDuration = SignedDuration::from_secs(30);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + seconds).unwrap()
}

const fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A queue that is played by hand. Builds are numbered; a branch belongs to the org that is its tens.
#[derive(Default)]
struct Play {
    model: Model,
    now: i64,
}

impl Play {
    fn step(&mut self, event: Event) -> Vec<Effect> {
        let before = self.model.clone();
        let (after, effects) = decide(std::mem::take(&mut self.model), event, at(self.now));
        let mut broken = after.check();
        broken.extend(before.check_step(&after, &effects));
        assert!(broken.is_empty(), "{broken:#?}");
        self.model = after;
        effects
    }

    fn enqueue(&mut self, number: u128, branch: u128, stage: Stage, priority: i16) -> Vec<Effect> {
        self.step(Event::Enqueue {
            build: id(number),
            queue_id: id(number),
            org: id(branch / 10),
            branch: id(branch),
            stage,
            build_number: number as i32,
            priority,
            max_attempts: 3,
        })
    }

    fn claim(&mut self) -> Option<(u128, i64)> {
        self.claim_of(None)
    }

    fn claim_of(&mut self, org: Option<u128>) -> Option<(u128, i64)> {
        let effects = self.step(Event::Claim { org: org.map(id), lease_for: LEASE, start: true });
        match effects[0] {
            Effect::Claimed { build, token, .. } => Some((build.as_u128(), token)),
            _ => None,
        }
    }

    fn succeed(&mut self, (number, token): (u128, i64)) -> Vec<Effect> {
        self.step(Event::Finish { build: id(number), token, status: BuildStatus::Success, reason: None })
    }
}

fn ended(number: u128, status: BuildStatus, reason: FailureReason) -> Effect {
    Effect::Ended { build: id(number), status, reason: Some(reason) }
}

#[test]
fn production_first_but_age_wins_in_the_end() {
    let mut play = Play::default();
    play.enqueue(1, 11, Stage::Development, 5);
    play.now = 60 * 19;
    play.enqueue(2, 12, Stage::Production, 5);
    play.now = 60 * 21;
    play.enqueue(3, 13, Stage::Production, 5);
    let order: Vec<u128> = std::iter::from_fn(|| play.claim()).map(|(build, _)| build).collect();
    assert_eq!(order, [2, 1, 3]);
}

#[test]
fn priority_is_worth_two_minutes_a_step_and_no_rank_is_in_the_future() {
    assert_eq!(rank(Stage::Staging, 3, at(0)), rank(Stage::Staging, 5, at(-240)));
    assert_eq!(rank(Stage::Development, 10, at(0)), at(0));
}

#[test]
fn newest_wins_on_staging_and_development() {
    let mut play = Play::default();
    play.enqueue(1, 11, Stage::Staging, 5);
    let first = play.claim().unwrap();
    play.enqueue(2, 11, Stage::Staging, 5);
    let effects = play.enqueue(3, 11, Stage::Staging, 5);
    assert!(effects.contains(&ended(2, BuildStatus::Cancelled, FailureReason::Superseded)));
    // The running one was asked by the second already.
    assert_eq!(effects.len(), 2);
    let effects = play.step(Event::Renew { build: id(1), token: first.1, lease_for: LEASE });
    assert_eq!(effects, [Effect::Renewed { build: id(1), cancel: Some(FailureReason::Superseded) }]);
    assert_eq!(play.claim(), None, "the branch is busy");
    let cancelled = Event::Finish { build: id(1), token: first.1, status: BuildStatus::Cancelled, reason: None };
    assert_eq!(play.step(cancelled), [ended(1, BuildStatus::Cancelled, FailureReason::Superseded)]);
    // An older build that comes late gives way at once.
    play.enqueue(5, 12, Stage::Development, 5);
    assert!(play.enqueue(4, 12, Stage::Development, 5).contains(&ended(
        4,
        BuildStatus::Cancelled,
        FailureReason::Superseded
    )));
    assert_eq!(play.claim().unwrap().0, 3);
}

#[test]
fn production_only_queues() {
    let mut play = Play::default();
    for number in 1..=3 {
        play.now += 1;
        play.enqueue(number, 11, Stage::Production, 5);
    }
    let first = play.claim().unwrap();
    assert_eq!((first.0, play.claim()), (1, None));
    play.succeed(first);
    assert_eq!(play.claim().unwrap().0, 2);
}

#[test]
fn an_org_cannot_crowd_out_another_and_limits_hold() {
    let mut play = Play::default();
    for number in 1..=8 {
        play.enqueue(number, 10 + number, Stage::Production, 1);
    }
    play.now = 5;
    play.enqueue(21, 21, Stage::Development, 10);
    play.enqueue(22, 22, Stage::Development, 10);
    play.now = 6;
    let mut orgs = Vec::new();
    while let Some((build, _)) = play.claim() {
        play.now += 1;
        orgs.push(play.model.runs[&id(build)].org.as_u128());
    }
    assert_eq!(orgs, [1, 2, 1, 2, 1, 1], "in turn, then up to the limit of four");
    play.step(Event::SetLimit { org: id(1), max_running: 5 });
    assert_eq!(play.claim_of(Some(2)), None);
    assert!(play.claim_of(Some(1)).is_some());
    assert_eq!(play.claim(), None);
}

#[test]
fn a_lost_lease_is_retried_and_in_the_end_dead() {
    let mut play = Play::default();
    play.enqueue(1, 11, Stage::Production, 5);
    play.enqueue(2, 11, Stage::Production, 5);
    for attempt in 1..=3_i64 {
        let (build, token) = play.claim().unwrap();
        assert_eq!(build, 1);
        let expire = |now: i64| Event::Expire { build: id(1), token, next_attempt_at: Some(at(now + 10)) };
        let early = play.step(expire(play.now));
        assert_eq!(early, [Effect::Refused { build: id(1), why: Refusal::NotExpired }]);
        play.now += 30;
        let stale = [Effect::Refused { build: id(1), why: Refusal::Stale }];
        assert_eq!(play.succeed((1, token)), stale, "an expired lease proves nothing");
        let effects = play.step(expire(play.now));
        if attempt == 3 {
            assert_eq!(effects, [ended(1, BuildStatus::Failed, FailureReason::RunnerLost)]);
            break;
        }
        assert_eq!(effects, [Effect::Requeued { build: id(1), next_attempt_at: Some(at(play.now + 10)) }]);
        assert_eq!(play.claim(), None, "the first of a branch holds the others back while it waits");
        assert_eq!(play.step(Event::PromoteDue), []);
        play.now += 10;
        assert_eq!(play.step(Event::PromoteDue), [Effect::Promoted { build: id(1) }]);
    }
    assert_eq!(play.claim().unwrap().0, 2);
}

#[test]
fn cancel_reaches_queued_and_running_builds() {
    let mut play = Play::default();
    play.enqueue(1, 11, Stage::Production, 5);
    play.enqueue(2, 12, Stage::Production, 5);
    assert_eq!(play.step(Event::Cancel { build: id(1) }), [ended(1, BuildStatus::Cancelled, FailureReason::Cancelled)]);
    assert_eq!(play.step(Event::Cancel { build: id(1) }), [Effect::Unchanged { build: id(1) }]);
    let held = play.claim().unwrap();
    play.step(Event::Cancel { build: id(2) });
    play.now += 31;
    let expire = Event::Expire { build: id(2), token: held.1, next_attempt_at: Some(at(0)) };
    assert_eq!(play.step(expire), [ended(2, BuildStatus::Cancelled, FailureReason::Cancelled)], "not tried again");
    assert_eq!(play.step(Event::Cancel { build: id(9) }), [Effect::Refused { build: id(9), why: Refusal::Unknown }]);
}

#[test]
fn a_finish_can_be_repeated_but_not_changed() {
    let mut play = Play::default();
    play.enqueue(1, 11, Stage::Production, 5);
    let held = play.claim().unwrap();
    assert_eq!(play.succeed(held), [Effect::Ended { build: id(1), status: BuildStatus::Success, reason: None }]);
    assert_eq!(play.succeed(held), [Effect::Unchanged { build: id(1) }]);
    let other = Event::Finish { build: id(1), token: held.1, status: BuildStatus::Failed, reason: None };
    assert_eq!(play.step(other), [Effect::Refused { build: id(1), why: Refusal::Stale }]);
    let refused = play.step(Event::Cancel { build: id(1) });
    assert!(matches!(refused[..], [Effect::Refused { why: Refusal::WrongStatus { .. }, .. }]));
}

/// An event by small numbers, made concrete against the state it meets.
#[derive(Debug, Clone)]
struct Draft {
    kind: u8,
    pick: prop::sample::Index,
    small: u8,
    flag: bool,
    seconds: i64,
}

fn draft() -> impl Strategy<Value = Draft> {
    (0..20_u8, any::<prop::sample::Index>(), any::<u8>(), any::<bool>(), 0..25_i64)
        .prop_map(|(kind, pick, small, flag, seconds)| Draft { kind, pick, small, flag, seconds })
}

fn concrete(draft: &Draft, model: &Model, next: &mut u128, now: Timestamp) -> Event {
    let leased: Vec<(Uuid, i64)> = model.runs.iter().filter_map(|(b, r)| Some((*b, r.lease.as_ref()?.token))).collect();
    let any: Vec<(Uuid, i64)> = model.runs.iter().map(|(b, r)| (*b, r.tokens.last().copied().unwrap_or(0))).collect();
    // Mostly what holds a lease; sometimes anything, so that stale and repeated calls happen.
    let pool = if draft.small.is_multiple_of(4) || leased.is_empty() { &any } else { &leased };
    let (build, token) = if pool.is_empty() { (id(9_999), 1) } else { pool[draft.pick.index(pool.len())] };
    let token = if draft.small.is_multiple_of(11) { token - 1 } else { token };
    let next_attempt_at = draft.flag.then(|| now.checked_add(SignedDuration::from_secs(draft.seconds - 5)).unwrap());
    match draft.kind {
        0..=5 => {
            *next += 1;
            let branch = u128::from(draft.small % 9);
            Event::Enqueue {
                build: id(*next),
                queue_id: id(u128::from(draft.small) << 64 | *next),
                org: id(branch / 3),
                branch: id(100 + branch),
                stage: Stage::ALL[(branch % 3) as usize],
                build_number: *next as i32 - if draft.seconds == 7 { 5 } else { 0 },
                priority: i16::from(draft.small % 10) + 1,
                max_attempts: 3,
            }
        }
        6..=9 => Event::Claim {
            org: draft.small.is_multiple_of(3).then(|| id(u128::from(draft.small / 3 % 3))),
            lease_for: LEASE,
            start: draft.flag,
        },
        10 => Event::Start { build, token },
        11 | 12 => Event::Renew { build, token, lease_for: LEASE },
        13 => Event::Finish { build, token, status: BuildStatus::ALL[usize::from(draft.small % 5)], reason: None },
        14 => Event::Finish { build, token, status: BuildStatus::Success, reason: None },
        15 => Event::Release { build, token, next_attempt_at },
        16 => Event::Cancel { build },
        17 => Event::Expire { build, token, next_attempt_at },
        18 => Event::PromoteDue,
        _ => Event::SetLimit { org: id(u128::from(draft.small % 3)), max_running: u32::from(draft.small % 4) },
    }
}

/// With runners that work and a reaper that looks, everything ends.
fn drain(play: &mut Play) {
    for org in 0..3 {
        play.step(Event::SetLimit { org: id(org), max_running: 4 });
    }
    for _ in 0..2_000 {
        play.now += 31;
        let leased: Vec<(Uuid, i64)> =
            play.model.runs.iter().filter_map(|(b, r)| Some((*b, r.lease.as_ref()?.token))).collect();
        for (build, token) in leased {
            play.step(Event::Expire { build, token, next_attempt_at: Some(at(play.now)) });
        }
        play.step(Event::PromoteDue);
        while let Some(held) = play.claim() {
            play.succeed(held);
        }
        if play.model.runs.values().all(|run| run.status.is_terminal()) {
            return;
        }
    }
    panic!("builds are left: {:#?}", play.model.runs.values().filter(|r| !r.status.is_terminal()).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_the_rules_and_can_be_drained(drafts in prop::collection::vec(draft(), 1..250)) {
        let mut play = Play::default();
        let mut next = 0;
        for draft in &drafts {
            play.now += draft.seconds / 5;
            let event = concrete(draft, &play.model, &mut next, at(play.now));
            play.step(event);
        }
        drain(&mut play);
    }
}

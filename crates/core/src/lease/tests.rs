use proptest::prelude::*;

use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fresh() -> Lease {
    let mut lease = Lease::claimed(s(100), s(100), s(30), s(5));
    lease.renew_sent(s(100));
    lease.renewed(s(100), s(30));
    lease
}

#[test]
fn renews_on_the_beat_and_kills_before_the_end() {
    let lease = fresh();
    assert_eq!(lease.decide(s(101)), Decision::Ok { wake_at: s(105) });
    assert_eq!(lease.decide(s(105)), Decision::RenewNow);
    assert_eq!(lease.decide(s(117)), Decision::RenewNow);
    assert_eq!(lease.decide(s(118)), Decision::KillOwnWork(KillReason::Unproven));
}

#[test]
fn a_claim_that_waited_long_is_renewed_before_work_starts() {
    let mut lease = Lease::claimed(s(100), s(129), s(30), s(5));
    assert!(!lease.is_proven(s(129)));
    assert_eq!(lease.decide(s(129)), Decision::RenewNow);
    lease.renew_sent(s(129));
    assert_eq!(lease.decide(s(130)), Decision::Ok { wake_at: s(134) });
    lease.renewed(s(129), s(30));
    assert!(lease.is_proven(s(131)));
}

#[test]
fn a_claim_that_can_never_be_renewed_is_given_up() {
    let lease = Lease::claimed(s(100), s(120), s(30), s(5));
    assert_eq!(lease.decide(s(150)), Decision::KillOwnWork(KillReason::Unproven));
}

#[test]
fn a_late_answer_counts_from_when_it_was_asked() {
    let mut lease = fresh();
    lease.renew_sent(s(105));
    lease.renewed(s(105), s(30));
    assert_eq!(lease.ends_at(), s(135));
    // An older answer that overtook nothing changes nothing.
    lease.renewed(s(101), s(30));
    assert_eq!(lease.ends_at(), s(135));
}

#[test]
fn a_hanging_renewal_is_sent_again_and_a_failed_one_soon() {
    let mut lease = fresh();
    lease.renew_sent(s(105));
    assert_eq!(lease.decide(s(109)), Decision::Ok { wake_at: s(110) });
    assert_eq!(lease.decide(s(110)), Decision::RenewNow);
    lease.renew_failed(s(105), s(106));
    assert_eq!(lease.decide(s(106)), Decision::Ok { wake_at: s(107) });
    assert_eq!(lease.decide(s(107)), Decision::RenewNow);
}

#[test]
fn refusal_is_final() {
    let mut lease = fresh();
    lease.refused();
    lease.renewed(s(101), s(30));
    assert_eq!(lease.decide(s(101)), Decision::KillOwnWork(KillReason::Refused));
    assert!(!lease.is_proven(s(101)));
}

/// One renewal on its way: how long until the server sees it, how long back, and whether it arrives at all.
#[derive(Debug, Clone)]
struct Trip {
    there_ms: u64,
    back_ms: u64,
    lost_there: bool,
    lost_back: bool,
}

fn trip() -> impl Strategy<Value = Trip> {
    (0..20_000_u64, 0..20_000_u64, prop::bool::weighted(0.2), prop::bool::weighted(0.2))
        .prop_map(|(there_ms, back_ms, lost_there, lost_back)| Trip { there_ms, back_ms, lost_there, lost_back })
}

/// Plays runner and server in steps of 100 ms. Returns (when the runner began to kill, when the lease ended) or fails.
fn play(wait_ms: u64, claim_back_ms: u64, trips: &[Trip]) -> Result<(), TestCaseError> {
    let ms = Duration::from_millis;
    let lease_time = s(30);
    let granted = ms(wait_ms);
    let mut server_expires = granted + lease_time;
    let answered = granted + ms(claim_back_ms);
    let mut lease = Lease::claimed(ms(0), answered, lease_time, s(5));
    let mut trips = trips.iter();
    let mut arrivals: Vec<(Duration, Duration, Option<Duration>)> = Vec::new();
    let mut answers: Vec<(Duration, Duration, Option<Duration>)> = Vec::new();
    let mut working = false;
    for tick in 0..1_200_u64 {
        let now = answered + ms(tick * 100);
        // The server renews only what has not expired.
        for (at, sent, back) in std::mem::take(&mut arrivals) {
            if at > now {
                arrivals.push((at, sent, back));
                continue;
            }
            let granted = at < server_expires;
            if granted {
                server_expires = server_expires.max(at + lease_time);
            }
            if let Some(back) = back {
                answers.push((at + back, sent, granted.then_some(lease_time)));
            }
        }
        for (at, sent, remaining) in std::mem::take(&mut answers) {
            match remaining {
                _ if at > now => answers.push((at, sent, remaining)),
                Some(remaining) => lease.renewed(sent, remaining),
                None => lease.refused(),
            }
        }
        match lease.decide(now) {
            Decision::Ok { wake_at } => prop_assert!(wake_at > now),
            Decision::RenewNow => {
                lease.renew_sent(now);
                match trips.next() {
                    Some(t) if t.lost_there => {}
                    Some(t) => {
                        arrivals.push((now + ms(t.there_ms), now, (!t.lost_back).then_some(ms(t.back_ms))));
                    }
                    None => {}
                }
            }
            Decision::KillOwnWork(reason) => {
                if working {
                    prop_assert_eq!(reason, KillReason::Unproven, "work was still running when the refusal came");
                    prop_assert!(now + s(TERM_GRACE_SECONDS) <= server_expires, "killed too late at {:?}", now);
                }
                return Ok(());
            }
        }
        working = working || lease.is_proven(now);
        if working {
            prop_assert!(now < server_expires, "work ran at {:?} after the lease ended at {:?}", now, server_expires);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn work_is_always_dead_before_the_lease_is(
        wait_ms in 0..30_000_u64,
        claim_back_ms in 0..10_000_u64,
        trips in prop::collection::vec(trip(), 0..40),
    ) {
        play(wait_ms, claim_back_ms, &trips)?;
    }
}

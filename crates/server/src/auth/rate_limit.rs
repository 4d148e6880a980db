//! Token buckets in memory: a key may spend `burst` at once and earns `per_second` back.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Instant;

use uuid::Uuid;

/// Buckets kept; beyond it those that are full again go, and then the rest: a limit on memory, not on callers.
const MAX_BUCKETS: usize = 20_000;

#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: f64,
    pub per_second: f64,
}

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Address(IpAddr),
    Token(Uuid),
    /// A credential we only know by its hash (runner and attempt tokens).
    Hash([u8; 32]),
    Org(Uuid),
    /// All tries to sign in, and those that failed.
    SignIns(IpAddr),
    SignInAddress(IpAddr),
    SignInAccount(String),
    Refused(IpAddr),
    /// Looks for a key of the installation that is not known yet.
    Reload,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    seen: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    buckets: Mutex<HashMap<Key, (Bucket, Rate)>>,
}

impl RateLimiter {
    /// Takes one request from `key`'s bucket. `Err` is the seconds until there is one again.
    pub(crate) fn take(&self, key: Key, rate: Rate, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&key) {
            buckets.retain(|_, (bucket, rate)| refilled(bucket, *rate, now) < rate.burst);
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let (bucket, known_rate) = buckets.entry(key).or_insert_with(|| (Bucket { left: rate.burst, seen: now }, rate));
        *known_rate = rate;
        bucket.left = refilled(bucket, rate, now);
        bucket.seen = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - bucket.left) / rate.per_second).ceil().clamp(1.0, 3600.0) as u64)
    }

    /// Puts a request back that need not have counted.
    pub(crate) fn give_back(&self, key: &Key, now: Instant) {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((bucket, rate)) = buckets.get_mut(key) {
            bucket.left = (refilled(bucket, *rate, now) + 1.0).min(rate.burst);
            bucket.seen = now.max(bucket.seen);
        }
    }
}

fn refilled(bucket: &Bucket, rate: Rate, now: Instant) -> f64 {
    let earned = now.saturating_duration_since(bucket.seen).as_secs_f64() * rate.per_second;
    (bucket.left + earned).min(rate.burst)
}

/// An IPv6 customer holds a /64: counting single addresses there counts nobody.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate { burst: 3.0, per_second: 0.5 };

    #[test]
    fn a_burst_then_the_steady_rate() {
        let limiter = RateLimiter::default();
        let start = Instant::now();
        let key = || Key::Org(Uuid::nil());
        for _ in 0..3 {
            assert_eq!(limiter.take(key(), RATE, start), Ok(()));
        }
        assert_eq!(limiter.take(key(), RATE, start), Err(2));
        assert_eq!(limiter.take(key(), RATE, start + Duration::from_secs(1)), Err(1));
        assert_eq!(limiter.take(key(), RATE, start + Duration::from_secs(2)), Ok(()));
        assert_eq!(limiter.take(Key::Token(Uuid::nil()), RATE, start), Ok(()), "another key has its own");
    }

    #[test]
    fn what_is_given_back_may_be_taken_again_and_no_more() {
        let limiter = RateLimiter::default();
        let (key, start) = (Key::Org(Uuid::nil()), Instant::now());
        for _ in 0..100 {
            assert_eq!(limiter.take(key.clone(), RATE, start), Ok(()));
            limiter.give_back(&key, start);
        }
        limiter.give_back(&key, start);
        for _ in 0..3 {
            assert_eq!(limiter.take(key.clone(), RATE, start), Ok(()));
        }
        assert!(limiter.take(key, RATE, start).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = RateLimiter::default();
        let start = Instant::now();
        for n in 0..(MAX_BUCKETS as u128 * 2) {
            let _ = limiter.take(Key::Token(Uuid::from_u128(n)), RATE, start);
        }
        assert!(limiter.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_bucket() {
        let network_of = |text: &str| network(text.parse().unwrap());
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff"));
        assert_ne!(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
        assert_eq!(network_of("::ffff:192.0.2.1"), network_of("192.0.2.1"));
    }
}

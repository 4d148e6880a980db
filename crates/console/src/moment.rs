//! Points in time and lengths of time, in words.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// A point in time as a page shows it: relative, with the exact one on hover. In JSON it is the RFC 3339 text alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    pub ago: String,
    pub exact: String,
}

impl Moment {
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        let zoned = at.to_zoned(TimeZone::UTC);
        Self { at, ago: ago(at, now), exact: zoned.strftime("%-d %b %Y, %H:%M:%S UTC").to_string() }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.at.serialize(serializer)
    }
}

/// "just now", "5m ago", "in 2h", and a date beyond 30 days. `web/times.js` says the same.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let size = seconds.unsigned_abs();
    let words = match size {
        0..=4 => return "just now".into(),
        5..=59 => format!("{size}s"),
        60..=3_599 => format!("{}m", size / 60),
        3_600..=86_399 => format!("{}h", size / 3_600),
        86_400..=2_591_999 => format!("{}d", size / 86_400),
        _ => return at.to_zoned(TimeZone::UTC).strftime("%-d %b %Y").to_string(),
    };
    if seconds < 0 { format!("in {words}") } else { format!("{words} ago") }
}

/// "0.4s", "12s", "3m 05s", "2h 04m".
pub(crate) fn took(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1_000;
    let mut out = String::new();
    let _ = match seconds {
        0..=9 => write!(out, "{}.{}s", seconds, milliseconds.max(0) / 100 % 10),
        10..=59 => write!(out, "{seconds}s"),
        60..=3_599 => write!(out, "{}m {:02}s", seconds / 60, seconds % 60),
        _ => write!(out, "{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
    };
    out
}

pub(crate) fn between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond() - from.as_millisecond()
}

/// "812 B", "4.2 kB", "1.3 MB": powers of 1,000.
pub(crate) fn size(bytes: i64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1_000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1_000.0;
        unit += 1;
    }
    format!("{value:.1} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_long_ago() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |seconds: i64| ago(Timestamp::from_second(now.as_second() - seconds).unwrap(), now);
        assert_eq!(at(3), "just now");
        assert_eq!(at(59), "59s ago");
        assert_eq!(at(7_300), "2h ago");
        assert_eq!(at(-90), "in 1m");
        assert_eq!(at(86_400 * 40), "20 Jan 2026");
    }

    #[test]
    fn says_how_long_and_how_much() {
        assert_eq!(took(440), "0.4s");
        assert_eq!(took(185_000), "3m 05s");
        assert_eq!(took(7_440_000), "2h 04m");
        assert_eq!(size(812), "812 B");
        assert_eq!(size(999_999), "1.0 MB");
    }
}

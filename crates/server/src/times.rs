//! Times as clients write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// ISO 8601 as JavaScript's `toISOString` and Python's `isoformat` write it: UTC where it names no offset, midnight where
/// it is a date alone.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let in_utc = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(|| text.parse().ok().and_then(in_utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_lack_its_offset_and_its_hours() {
        for (given, understood) in [
            ("2026-12-24T09:00:00Z", "2026-12-24T09:00:00Z"),
            ("2026-12-24T09:00:00+01:00", "2026-12-24T08:00:00Z"),
            ("2026-12-24 09:00:00", "2026-12-24T09:00:00Z"),
            (" 2026-12-24 ", "2026-12-24T00:00:00Z"),
        ] {
            assert_eq!(parse(given), Some(understood.parse().unwrap()), "{given}");
        }
        for given in ["tomorrow", "", "1798102800"] {
            assert_eq!(parse(given), None, "{given}");
        }
    }
}

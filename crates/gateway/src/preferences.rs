//! The `Prefer` header: what is understood, and what of it a reply says was applied.

use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use plimsoll_db::rest::plan::{Count, Resolution};

use crate::error::ApiError;

const PREFER: HeaderName = HeaderName::from_static("prefer");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    Representation,
    HeadersOnly,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub(crate) resolution: Option<Resolution>,
    pub(crate) result: Option<Return>,
    pub(crate) count: Option<Count>,
    /// `missing=default` is true, `missing=null` false.
    pub(crate) missing_default: Option<bool>,
    /// `handling=strict` is true, `handling=lenient` false.
    pub(crate) strict: Option<bool>,
    pub(crate) time_zone: Option<String>,
    pub(crate) max_affected: Option<i64>,
    /// As they were written, in order.
    invalid: Vec<String>,
}

impl Preferences {
    /// Of what is there more than once, the first counts.
    pub(crate) fn read(headers: &HeaderMap, is_time_zone: impl Fn(&str) -> bool) -> Self {
        let mut known = Self::default();
        let values = headers.get_all(PREFER).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        for value in values {
            for preference in value.split(',').map(str::trim).filter(|preference| !preference.is_empty()) {
                known.take(preference, &is_time_zone);
            }
        }
        known
    }

    fn take(&mut self, preference: &str, is_time_zone: &impl Fn(&str) -> bool) {
        match preference {
            "resolution=merge-duplicates" => first(&mut self.resolution, Resolution::MergeDuplicates),
            "resolution=ignore-duplicates" => first(&mut self.resolution, Resolution::IgnoreDuplicates),
            "return=representation" => first(&mut self.result, Return::Representation),
            "return=minimal" => first(&mut self.result, Return::Minimal),
            "return=headers-only" => first(&mut self.result, Return::HeadersOnly),
            "count=exact" => first(&mut self.count, Count::Exact),
            "count=planned" => first(&mut self.count, Count::Planned),
            "count=estimated" => first(&mut self.count, Count::Estimated),
            "missing=default" => first(&mut self.missing_default, true),
            "missing=null" => first(&mut self.missing_default, false),
            "handling=strict" => first(&mut self.strict, true),
            "handling=lenient" => first(&mut self.strict, false),
            // Every request commits or fails; the client may say so, but not choose.
            "tx=commit" | "tx=rollback" => {}
            _ => {
                if let Some(name) = preference.strip_prefix("timezone=").filter(|name| is_time_zone(name)) {
                    first(&mut self.time_zone, name.to_owned());
                } else if let Some(number) = preference.strip_prefix("max-affected=") {
                    if let Ok(number) = number.parse() {
                        first(&mut self.max_affected, number);
                    }
                } else {
                    self.invalid.push(preference.to_owned());
                }
            }
        }
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.strict == Some(true)
    }

    /// With `handling=strict` everything must be understood.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if self.is_strict() && !self.invalid.is_empty() {
            return Err(ApiError::invalid_preferences(&self.invalid));
        }
        Ok(())
    }

    /// `max-affected`, which only `handling=strict` makes a condition.
    pub(crate) fn affected_limit(&self) -> Option<i64> {
        self.max_affected.filter(|_| self.is_strict())
    }

    /// `Preference-Applied` of a reply for which only those that `relevant` names matter.
    pub(crate) fn applied(&self, relevant: Relevant) -> Option<String> {
        let mut applied: Vec<String> = Vec::new();
        let mut say = |is_relevant: bool, name: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|_| is_relevant) {
                applied.push(format!("{name}={value}"));
            }
        };
        say(
            relevant.resolution,
            "resolution",
            self.resolution.map(|resolution| match resolution {
                Resolution::MergeDuplicates => "merge-duplicates",
                Resolution::IgnoreDuplicates => "ignore-duplicates",
            }),
        );
        say(relevant.missing, "missing", self.missing_default.map(|default| if default { "default" } else { "null" }));
        say(
            relevant.result,
            "return",
            self.result.map(|result| match result {
                Return::Minimal => "minimal",
                Return::Representation => "representation",
                Return::HeadersOnly => "headers-only",
            }),
        );
        say(
            true,
            "count",
            self.count.map(|count| match count {
                Count::Exact => "exact",
                Count::Planned => "planned",
                Count::Estimated => "estimated",
            }),
        );
        say(true, "handling", self.strict.map(|strict| if strict { "strict" } else { "lenient" }));
        say(true, "timezone", self.time_zone.as_deref());
        let limit = self.affected_limit().map(|limit| limit.to_string());
        say(relevant.max_affected, "max-affected", limit.as_deref());
        if applied.is_empty() { None } else { Some(applied.join(", ")) }
    }
}

/// Preferences that only some requests heed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Relevant {
    pub(crate) resolution: bool,
    pub(crate) missing: bool,
    pub(crate) result: bool,
    pub(crate) max_affected: bool,
}

fn first<T>(slot: &mut Option<T>, value: T) {
    if slot.is_none() {
        *slot = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(values: &[&str]) -> Preferences {
        let headers = values.iter().map(|value| (PREFER, HeaderValue::try_from(*value).unwrap())).collect();
        Preferences::read(&headers, |name| name == "Europe/Vienna")
    }

    const ALL: Relevant = Relevant { resolution: true, missing: true, result: true, max_affected: true };

    #[test]
    fn the_first_of_a_kind_counts() {
        let known = read(&["count=exact,   return=representation ,missing=default", "count=planned, tx=rollback"]);
        assert_eq!(known.count, Some(Count::Exact));
        assert_eq!(known.result, Some(Return::Representation));
        assert_eq!(known.missing_default, Some(true));
        assert!(known.invalid.is_empty());
    }

    #[test]
    fn strict_handling_refuses_what_is_unknown() {
        let error =
            read(&["handling=strict", "something, else, timezone=Jupiter/Red_Spot"]).check().unwrap_err().json();
        assert_eq!(error["code"], "PGRST122");
        assert_eq!(error["details"], "Invalid preferences: something, else, timezone=Jupiter/Red_Spot");
        assert!(read(&["handling=lenient, anything"]).check().is_ok());
        assert!(read(&["params=single-object, handling=strict"]).check().is_err());
        assert!(read(&["handling=strict, max-affected=x, tx=commit"]).check().is_ok());
    }

    #[test]
    fn replies_say_what_was_applied() {
        let known = read(&["max-affected=5, timezone=Europe/Vienna, handling=strict, count=exact, return=minimal"]);
        let known = Preferences { resolution: Some(Resolution::MergeDuplicates), missing_default: Some(true), ..known };
        assert_eq!(
            known.applied(ALL).as_deref(),
            Some(
                "resolution=merge-duplicates, missing=default, return=minimal, count=exact, handling=strict, \
                 timezone=Europe/Vienna, max-affected=5"
            )
        );
        assert_eq!(
            known.applied(Relevant::default()).as_deref(),
            Some("count=exact, handling=strict, timezone=Europe/Vienna")
        );
        assert_eq!(read(&["handling=lenient, max-affected=1"]).applied(ALL).as_deref(), Some("handling=lenient"));
        assert_eq!(read(&[]).applied(ALL), None);
    }
}

//! Which rows of a result are wanted, and how an answer says which it has.

use axum::http::header::RANGE;
use axum::http::{HeaderMap, Method, StatusCode};

use crate::error::ApiError;

/// `limit` may be negative as it came; [`RowRange::requested`] refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowRange {
    pub(crate) offset: i64,
    pub(crate) limit: Option<i64>,
}

impl RowRange {
    pub(crate) const ALL: Self = Self { offset: 0, limit: None };

    /// What `limit` and `offset` ask for, within what a GET's `Range` header asks for.
    pub(crate) fn requested(self, method: &Method, headers: &HeaderMap) -> Result<Self, ApiError> {
        const NEGATIVE: &str = "Limit should be greater than or equal to zero.";
        if self.limit.is_some_and(|limit| limit < 0) {
            return Err(ApiError::range(NEGATIVE));
        }
        let header = if *method == Method::GET { headers.get(RANGE) } else { None };
        let Some((first, last)) = header.and_then(|value| parse_header(value.to_str().ok()?)) else {
            return Ok(self);
        };
        if last.is_some_and(|last| last < first) {
            return Err(ApiError::range(
                "The lower boundary must be lower than or equal to the upper boundary in the Range header.",
            ));
        }
        if self.limit == Some(0) {
            return Ok(self);
        }
        let offset = self.offset.max(first);
        let own_last = self.limit.map(|limit| self.offset.saturating_add(limit).saturating_sub(1));
        let last = match (own_last, last) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match last {
            Some(last) if last < offset => Err(ApiError::range(NEGATIVE)),
            Some(last) => Ok(Self { offset, limit: Some((last - offset).saturating_add(1)) }),
            None => Ok(Self { offset, limit: None }),
        }
    }

    /// At most `most` rows.
    pub(crate) fn at_most(self, most: Option<i64>) -> Self {
        let limit = match (self.limit, most) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { limit, ..self }
    }

    /// The status and `Content-Range` of an answer with `rows` rows out of `total`.
    pub(crate) fn answered(self, rows: i64, total: Option<i64>) -> (StatusCode, String) {
        let last = self.offset.saturating_add(rows) - 1;
        let status = match total {
            Some(total) if self.offset > total => StatusCode::RANGE_NOT_SATISFIABLE,
            Some(total) if rows < total => StatusCode::PARTIAL_CONTENT,
            _ => StatusCode::OK,
        };
        (status, content_range(self.offset, last, total))
    }
}

/// `first-last/total`, with `*` for what there is none of.
pub(crate) fn content_range(first: i64, last: i64, total: Option<i64>) -> String {
    let rows = if first <= last && total != Some(0) { format!("{first}-{last}") } else { "*".into() };
    let total = total.map_or_else(|| "*".into(), |total| total.to_string());
    format!("{rows}/{total}")
}

/// `0-9` or `10-`; anything else is ignored, as PostgREST does.
fn parse_header(text: &str) -> Option<(i64, Option<i64>)> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| -> Option<i64> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(i64::MAX))
    };
    let last = if last.is_empty() { None } else { Some(number(last)?) };
    Some((number(first)?, last))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn requested(header: &str, offset: i64, limit: Option<i64>) -> Result<(i64, Option<i64>), u16> {
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::try_from(header).unwrap())]);
        let range = RowRange { offset, limit }.requested(&Method::GET, &headers);
        range.map(|range| (range.offset, range.limit)).map_err(|error| error.status())
    }

    #[test]
    fn header_and_parameters_meet() {
        assert_eq!(requested("", 2, Some(3)), Ok((2, Some(3))));
        assert_eq!(requested("0-1", 0, Some(3)), Ok((0, Some(2))));
        assert_eq!(requested("10-", 0, None), Ok((10, None)));
        assert_eq!(requested("5-9", 0, Some(3)), Err(416));
        assert_eq!(requested("1-0", 0, None), Err(416));
        assert_eq!(requested("", 0, Some(-1)), Err(416));
        assert_eq!(requested("0-1", 0, Some(0)), Ok((0, Some(0))));
        assert_eq!(requested("items=0-1", 0, None), Ok((0, None)));
        assert_eq!(requested("0-99999999999999999999", 0, None), Ok((0, Some(i64::MAX))));
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("1-0"))]);
        assert_eq!(RowRange::ALL.requested(&Method::POST, &headers).unwrap(), RowRange::ALL);
    }

    #[test]
    fn answers_say_what_they_hold() {
        let answered = |offset, rows, total| {
            let (status, range) = RowRange { offset, limit: None }.answered(rows, total);
            (status.as_u16(), range)
        };
        assert_eq!(answered(0, 10, None), (200, "0-9/*".into()));
        assert_eq!(answered(0, 10, Some(100)), (206, "0-9/100".into()));
        assert_eq!(answered(0, 0, None), (200, "*/*".into()));
        assert_eq!(answered(0, 0, Some(0)), (200, "*/0".into()));
        assert_eq!(answered(1, 0, Some(0)), (416, "*/0".into()));
        assert_eq!(answered(100, 0, Some(15)), (416, "*/15".into()));
        assert_eq!(answered(15, 0, Some(15)), (206, "*/15".into()));
        assert_eq!(answered(0, 5, Some(5)), (200, "0-4/5".into()));
    }
}

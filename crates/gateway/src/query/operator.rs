//! `eq.5`, `not.in.(1,2)`, `like(any).{a*,b*}`: what a column is compared with.

use plimsoll_db::rest::plan::{IsValue, Operator, Quantifier, SearchKind, Test};

use super::cursor::{Cursor, Parsed, Syntax};
use super::names::{identifier, quoted};

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A parameter of its own: at its end.
    Parameter,
    /// Inside `and=(…)`: at a comma or a closing parenthesis, unless quoted or in braces.
    Tree,
}

enum Kind {
    Compare { operator: Operator, quantifiable: bool },
    Search(SearchKind),
    In,
    Is,
}

fn kind(name: &str) -> Option<Kind> {
    let plain = |operator| Some(Kind::Compare { operator, quantifiable: false });
    let quantifiable = |operator| Some(Kind::Compare { operator, quantifiable: true });
    match name {
        "eq" => quantifiable(Operator::Eq),
        "gt" => quantifiable(Operator::Gt),
        "gte" => quantifiable(Operator::Gte),
        "lt" => quantifiable(Operator::Lt),
        "lte" => quantifiable(Operator::Lte),
        "like" => quantifiable(Operator::Like),
        "ilike" => quantifiable(Operator::Ilike),
        "match" => quantifiable(Operator::Match),
        "imatch" => quantifiable(Operator::Imatch),
        "neq" => plain(Operator::Neq),
        "isdistinct" => plain(Operator::IsDistinct),
        "cs" => plain(Operator::Contains),
        "cd" => plain(Operator::ContainedBy),
        "ov" => plain(Operator::Overlaps),
        "sl" => plain(Operator::StrictlyLeft),
        "sr" => plain(Operator::StrictlyRight),
        "nxl" => plain(Operator::NotExtendsLeft),
        "nxr" => plain(Operator::NotExtendsRight),
        "adj" => plain(Operator::Adjacent),
        "fts" => Some(Kind::Search(SearchKind::Query)),
        "plfts" => Some(Kind::Search(SearchKind::Plain)),
        "phfts" => Some(Kind::Search(SearchKind::Phrase)),
        "wfts" => Some(Kind::Search(SearchKind::Web)),
        "in" => Some(Kind::In),
        "is" => Some(Kind::Is),
        _ => None,
    }
}

/// Whether a value reads as a filter: of a GET of a function, the others are arguments.
pub(crate) fn looks_like_filter(value: &str) -> bool {
    let value = value.strip_prefix("not.").unwrap_or(value);
    let end = value.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(value.len());
    let (name, rest) = value.split_at(end);
    match kind(name) {
        Some(Kind::Search(_)) => rest.starts_with(['.', '(']),
        Some(Kind::Compare { quantifiable: true, .. }) => {
            rest.starts_with('.') || rest.starts_with("(any).") || rest.starts_with("(all).")
        }
        Some(_) => rest.starts_with('.'),
        None => false,
    }
}

/// Whether it is negated, and the test itself; whether a search is in a vector is for who knows the column.
pub(crate) fn expression(cursor: &mut Cursor<'_>, place: Place) -> Parsed<(bool, Test)> {
    let start = cursor.at();
    let negated = cursor.eat("not");
    if negated {
        cursor.expect(".", "delimiter (.)")?;
    }
    let operator_at = cursor.at();
    let name = cursor.take_while(|c| c.is_ascii_lowercase());
    let Some(kind) = kind(name) else {
        return Err(if negated {
            cursor.expected_at(operator_at, "operator (eq, gt, ...)")
        } else {
            unknown_operator(cursor, start)
        });
    };
    let test = match kind {
        Kind::Compare { operator, quantifiable } => compare(cursor, place, operator, quantifiable)?,
        Kind::Search(kind) => {
            let config = if cursor.eat("(") {
                let config = identifier(cursor)?.to_owned();
                cursor.expect(")", "\")\"")?;
                Some(config)
            } else {
                None
            };
            cursor.expect(".", "delimiter (.)")?;
            Test::Search { kind, config, value: value(cursor, place), is_vector: false }
        }
        Kind::In => {
            cursor.expect(".", "delimiter (.)")?;
            Test::In(list(cursor)?)
        }
        Kind::Is => {
            cursor.expect(".", "delimiter (.)")?;
            Test::Is(is_value(cursor)?)
        }
    };
    Ok((negated, test))
}

/// The error points at the first operator character, but names the one at which `not` was given up.
fn unknown_operator(cursor: &Cursor<'_>, start: usize) -> Syntax {
    let agreed = cursor.whole()[start..].bytes().zip(*b"not").take_while(|(a, b)| a == b).count();
    cursor.unexpected_for(start, start + agreed, "\"not\" or operator (eq, gt, ...)")
}

fn compare(cursor: &mut Cursor<'_>, place: Place, operator: Operator, quantifiable: bool) -> Parsed<Test> {
    let quantifier = if quantifiable && cursor.eat("(any)") {
        Some(Quantifier::Any)
    } else if quantifiable && cursor.eat("(all)") {
        Some(Quantifier::All)
    } else {
        None
    };
    cursor.expect(".", "delimiter (.)")?;
    let mut value = value(cursor, place);
    if matches!(operator, Operator::Like | Operator::Ilike) {
        value = value.replace('*', "%");
    }
    Ok(match quantifier {
        Some(quantifier) => Test::Quantified { operator, quantifier, values: value },
        None => Test::Operator { operator, value },
    })
}

fn is_value(cursor: &mut Cursor<'_>) -> Parsed<IsValue> {
    let start = cursor.at();
    let word = cursor.take_while(|c| c.is_ascii_alphabetic() || c == '_');
    match word.to_ascii_lowercase().as_str() {
        "null" => Ok(IsValue::Null),
        "not_null" => Ok(IsValue::NotNull),
        "true" => Ok(IsValue::True),
        "false" => Ok(IsValue::False),
        "unknown" => Ok(IsValue::Unknown),
        _ => Err(cursor.expected_at(start, "isVal: (null, not_null, true, false, unknown)")),
    }
}

fn value(cursor: &mut Cursor<'_>, place: Place) -> String {
    if place == Place::Parameter {
        return cursor.take_while(|_| true).to_owned();
    }
    element(cursor).unwrap_or_else(|| {
        let start = cursor.at();
        if cursor.eat("{") {
            let inner = cursor.take_while(|c| c != '{' && c != '}');
            if cursor.eat("}") {
                return format!("{{{inner}}}");
            }
            cursor.back_to(start);
        }
        cursor.take_while(|c| c != ',' && c != ')').to_owned()
    })
}

/// A quoted value that ends where a list's element ends.
fn element(cursor: &mut Cursor<'_>) -> Option<String> {
    if cursor.peek() != Some('"') {
        return None;
    }
    let start = cursor.at();
    let value = quoted(cursor).ok().filter(|_| matches!(cursor.peek(), Some(',' | ')') | None));
    if value.is_none() {
        cursor.back_to(start);
    }
    value
}

/// `(1,2,"a,b")`; `()` is empty.
fn list(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    cursor.skip_blanks();
    cursor.expect("(", "\"(\"")?;
    cursor.skip_blanks();
    let mut values = Vec::new();
    loop {
        let value = match element(cursor) {
            Some(value) => value,
            None => cursor.take_while(|c| c != ',' && c != ')').to_owned(),
        };
        values.push(value);
        if cursor.eat(",") {
            continue;
        }
        cursor.expect(")", "\",\" or \")\"")?;
        cursor.skip_blanks();
        if values == [""] {
            values.clear();
        }
        return Ok(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(bool, Test), serde_json::Value> {
        let mut cursor = Cursor::new(text);
        expression(&mut cursor, Place::Parameter)
            .and_then(|parsed| cursor.expect_end("end of input").map(|()| parsed))
            .map_err(|e| e.into_error(&format!("failed to parse filter ({text})"), text).json())
    }

    #[test]
    fn operators_take_the_rest_as_their_value() {
        for (text, expected) in [
            ("eq.a.b,c)", r#"(false, Operator { operator: Eq, value: "a.b,c)" })"#),
            ("not.neq.", r#"(true, Operator { operator: Neq, value: "" })"#),
            ("like.*a*", r#"(false, Operator { operator: Like, value: "%a%" })"#),
            ("match.a*", r#"(false, Operator { operator: Match, value: "a*" })"#),
            ("isdistinct.1", r#"(false, Operator { operator: IsDistinct, value: "1" })"#),
            ("ilike(any).{a*,b*}", r#"(false, Quantified { operator: Ilike, quantifier: Any, values: "{a%,b%}" })"#),
            ("eq(all).{1}", r#"(false, Quantified { operator: Eq, quantifier: All, values: "{1}" })"#),
            ("in.(1,\"a,b\", c,\"q\"x)", r#"(false, In(["1", "a,b", " c", "\"q\"x"]))"#),
            ("in.()", "(false, In([]))"),
            ("in.(\"\")", "(false, In([]))"),
            ("is.NULL", "(false, Is(Null))"),
            ("not.is.not_null", "(true, Is(NotNull))"),
            (
                "fts(english).a",
                r#"(false, Search { kind: Query, config: Some("english"), value: "a", is_vector: false })"#,
            ),
            ("wfts.a", r#"(false, Search { kind: Web, config: None, value: "a", is_vector: false })"#),
        ] {
            assert_eq!(format!("{:?}", parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn errors_say_where() {
        for (text, column, details) in [
            ("0", 1, "unexpected \"0\" expecting \"not\" or operator (eq, gt, ...)"),
            ("nope.1", 1, "unexpected \"p\" expecting \"not\" or operator (eq, gt, ...)"),
            ("", 1, "unexpected end of input expecting \"not\" or operator (eq, gt, ...)"),
            ("not.foo.x", 5, "unexpected \"f\" expecting operator (eq, gt, ...)"),
            ("notX", 4, "unexpected \"X\" expecting delimiter (.)"),
            ("eq", 3, "unexpected end of input expecting delimiter (.)"),
            ("in.1", 4, "unexpected \"1\" expecting \"(\""),
            ("is.maybe", 4, "unexpected \"m\" expecting isVal: (null, not_null, true, false, unknown)"),
            ("neq(any).{1}", 4, "unexpected \"(\" expecting delimiter (.)"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error["message"], format!("\"failed to parse filter ({text})\" (line 1, column {column})"));
            assert_eq!(error["details"], details, "{text}");
        }
    }

    #[test]
    fn tells_filters_from_arguments() {
        for filter in ["eq.1", "not.eq.1", "is.null", "in.(1)", "fts(english).a", "eq(any).{1}", "like.", "not.in.(1)"]
        {
            assert!(looks_like_filter(filter), "{filter}");
        }
        for argument in ["1", "", "eq", "in", "not", "nota.b", "a.b", "equal.1", "{1,2}", "is", "neq(any).{1}"] {
            assert!(!looks_like_filter(argument), "{argument}");
        }
    }
}

//! Names of columns and relations, and paths into JSON.

use plimsoll_db::rest::plan::{JsonKey, JsonStep};

use super::cursor::{Cursor, Parsed};

/// PostgreSQL walks a path by recursion.
const LONGEST_PATH: usize = 100;
const FIELD_NAME: &str = "field name (* or [a..z0..9_$])";

/// A column as the request names it, perhaps with a path into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldRef {
    pub(crate) name: String,
    pub(crate) path: Vec<JsonStep>,
}

/// Letters, digits, `_`, `$`, blanks, and dashes that are no arrow; or anything in double quotes.
pub(crate) fn field_name(cursor: &mut Cursor<'_>) -> Parsed<String> {
    if cursor.peek() == Some('"') {
        return quoted(cursor);
    }
    let mut name = word(cursor, FIELD_NAME)?.to_owned();
    while cursor.rest().starts_with('-') && !cursor.rest().starts_with("->") {
        cursor.next();
        name.push('-');
        name.push_str(word(cursor, "letter or digit")?);
    }
    Ok(name)
}

/// `"…"` in which a backslash takes the next character as it is.
pub(crate) fn quoted(cursor: &mut Cursor<'_>) -> Parsed<String> {
    cursor.expect("\"", "\"\\\"\"")?;
    let mut value = String::new();
    loop {
        match cursor.next() {
            Some('"') => return Ok(value),
            Some('\\') => value.push(cursor.next().ok_or_else(|| cursor.fail("unexpected end of input"))?),
            Some(other) => value.push(other),
            None => return Err(cursor.expected("\"\\\\\" or \"\\\"\"")),
        }
    }
}

/// The name of a type in a cast or of a text search configuration.
pub(crate) fn identifier<'a>(cursor: &mut Cursor<'a>) -> Parsed<&'a str> {
    word(cursor, "letter or digit")
}

fn word<'a>(cursor: &mut Cursor<'a>, expected: &str) -> Parsed<&'a str> {
    let start = cursor.at();
    let word = cursor.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | ' ')).trim();
    if word.is_empty() {
        return Err(cursor.expected_at(start, expected));
    }
    Ok(word)
}

pub(crate) fn field(cursor: &mut Cursor<'_>) -> Parsed<FieldRef> {
    cursor.skip_blanks();
    let name = field_name(cursor)?;
    let path = json_path(cursor)?;
    cursor.skip_blanks();
    Ok(FieldRef { name, path })
}

/// `->key`, `->>key`, `->0`, `->-1`, any number of them.
pub(crate) fn json_path(cursor: &mut Cursor<'_>) -> Parsed<Vec<JsonStep>> {
    let mut path = Vec::new();
    loop {
        let as_text = cursor.eat("->>");
        if !as_text && !cursor.eat("->") {
            return Ok(path);
        }
        if path.len() == LONGEST_PATH {
            return Err(cursor.fail(format!("a path of more than {LONGEST_PATH} steps")));
        }
        path.push(JsonStep { key: json_key(cursor)?, as_text });
    }
}

fn json_key(cursor: &mut Cursor<'_>) -> Parsed<JsonKey> {
    if let Some(index) = json_index(cursor) {
        return Ok(JsonKey::Index(index));
    }
    if cursor.peek() == Some('"') {
        return Ok(JsonKey::Name(quoted(cursor)?));
    }
    let mut name = json_word(cursor)?.to_owned();
    while cursor.rest().starts_with('-') && !cursor.rest().starts_with("->") {
        cursor.next();
        name.push('-');
        name.push_str(json_word(cursor)?);
    }
    Ok(JsonKey::Name(name))
}

fn json_word<'a>(cursor: &mut Cursor<'a>) -> Parsed<&'a str> {
    let start = cursor.at();
    let word = cursor.take_while(|c| !"(-:.,>)".contains(c)).trim();
    if word.is_empty() {
        return Err(cursor.expected_at(start, "any non reserved character different from: .,>()"));
    }
    Ok(word)
}

/// A number that is the whole step; `1a` is a key.
fn json_index(cursor: &mut Cursor<'_>) -> Option<i64> {
    let start = cursor.at();
    let negative = cursor.eat("-");
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    let ends = ["->", "::", ".", ",", ")"].iter().any(|end| cursor.rest().starts_with(end)) || cursor.is_at_end();
    // An index is a 32-bit integer in SQL; anything larger is a key that no array has.
    let index = digits.parse::<i32>().ok().filter(|_| ends).map(i64::from);
    if index.is_none() {
        cursor.back_to(start);
    }
    index.map(|index| if negative { -index } else { index })
}

/// Names between commas, as in `columns` and `on_conflict`.
pub(crate) fn name_list(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    let mut names = vec![field_name(cursor)?];
    loop {
        cursor.skip_blanks();
        if !cursor.eat(",") {
            cursor.expect_end("\",\" or end of input")?;
            return Ok(names);
        }
        cursor.skip_blanks();
        names.push(field_name(cursor)?);
    }
}

/// `a.b.c->d`: the embeds that lead there, and the field itself.
pub(crate) fn tree_path(cursor: &mut Cursor<'_>) -> Parsed<(Vec<String>, FieldRef)> {
    let mut names = vec![field_name(cursor)?];
    while cursor.eat(".") {
        names.push(field_name(cursor)?);
    }
    let path = json_path(cursor)?;
    cursor.expect_end("\"->>\", \"->\", delimiter (.) or end of input")?;
    let name = names.pop().unwrap_or_default();
    Ok((names, FieldRef { name, path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, String> {
        let mut cursor = Cursor::new(text);
        field_name(&mut cursor).map_err(|e| format!("{e:?}"))
    }

    #[test]
    fn names_are_words_with_dashes_or_quoted() {
        for (text, expected) in [
            ("identifier", "identifier"),
            ("with spaces", "with spaces"),
            ("with-dashes", "with-dashes"),
            ("123", "123"),
            ("_", "_"),
            ("$", "$"),
            ("\":\"", ":"),
            (" trimmed ", "trimmed"),
            ("\" kept \"", " kept "),
            ("\"a\\\"b\\\\\"", "a\"b\\"),
            ("arrow->x", "arrow"),
            ("naïve", "naïve"),
        ] {
            assert_eq!(name(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [":", "", "\"open", "a--b", "a-", "   "] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_step_by_key_and_index() {
        let steps = |text: &str| json_path(&mut Cursor::new(text));
        let key = |name: &str, as_text| JsonStep { key: JsonKey::Name(name.into()), as_text };
        let index = |index, as_text| JsonStep { key: JsonKey::Index(index), as_text };
        assert_eq!(steps("->text"), Ok(vec![key("text", false)]));
        assert_eq!(steps("->1->>b"), Ok(vec![index(1, false), key("b", true)]));
        assert_eq!(steps("->>-2"), Ok(vec![index(-2, true)]));
        assert_eq!(steps("->78xy"), Ok(vec![key("78xy", false)]));
        assert_eq!(steps("->a-b->>c"), Ok(vec![key("a-b", false), key("c", true)]));
        assert_eq!(steps("->\"a->b\""), Ok(vec![key("a->b", false)]));
        assert_eq!(steps("->!@#$%^"), Ok(vec![key("!@#$%^", false)]));
        assert_eq!(steps("->99999999999999999999"), Ok(vec![key("99999999999999999999", false)]));
        assert!(steps(&"->a".repeat(100)).is_ok() && steps(&"->a".repeat(101)).is_err());
        for text in ["->", "->>--34", "->>-xy-4", "->>-78xy"] {
            assert!(steps(text).is_err(), "{text}");
        }
    }
}

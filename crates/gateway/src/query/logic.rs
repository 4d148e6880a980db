//! `or=(a.eq.1,not.and(b.gt.2,c.is.null))`.

use plimsoll_db::rest::plan::Test;

use super::cursor::{Cursor, Parsed};
use super::names::{FieldRef, field, field_name};
use super::operator::{Place, expression};

/// Groups within the group that a parameter is.
const DEEPEST_TREE: usize = 20;

#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) field: FieldRef,
    pub(crate) negated: bool,
    pub(crate) test: Test,
}

#[derive(Debug, Clone)]
pub(crate) enum Tree {
    Filter(Filter),
    Group { negated: bool, any: bool, members: Vec<Tree> },
}

impl Tree {
    pub(crate) fn filters(&self) -> usize {
        match self {
            Self::Filter(_) => 1,
            Self::Group { members, .. } => members.iter().map(Self::filters).sum(),
        }
    }
}

/// The key of a tree: the embeds that lead to it, and `and`, `or`, `not.and` or `not.or`.
pub(crate) fn key(cursor: &mut Cursor<'_>) -> Parsed<(Vec<String>, String)> {
    let mut path = vec![field_name(cursor)?];
    while cursor.eat(".") {
        path.push(field_name(cursor)?);
    }
    cursor.expect_end("delimiter (.) or end of input")?;
    let operator = path.pop().unwrap_or_default();
    let negated = path.iter().any(|name| name == "not");
    path.retain(|name| name != "not");
    Ok((path, if negated { format!("not.{operator}") } else { operator }))
}

/// `and(…)`, `not.or(…)`, the whole text.
pub(crate) fn tree(cursor: &mut Cursor<'_>) -> Parsed<Tree> {
    let tree = group(cursor, 0)?;
    cursor.expect_end("end of input")?;
    Ok(tree)
}

fn group(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Tree> {
    if depth > DEEPEST_TREE {
        return Err(cursor.fail(format!("conditions nested more than {DEEPEST_TREE} levels deep")));
    }
    let negated = cursor.eat("not.");
    let any = cursor.eat("or");
    if !any {
        cursor.expect("and", "logic operator (and, or)")?;
    }
    cursor.skip_blanks();
    cursor.expect("(", "\"(\"")?;
    let mut members = Vec::new();
    loop {
        cursor.skip_blanks();
        members.push(member(cursor, depth)?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            break;
        }
    }
    cursor.expect(")", "\",\" or \")\"")?;
    cursor.skip_blanks();
    Ok(Tree::Group { negated, any, members })
}

fn member(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Tree> {
    if begins_group(cursor.rest()) {
        return group(cursor, depth + 1);
    }
    let start = cursor.at();
    let field = field(cursor).map_err(|error| match cursor.at() == start {
        true => cursor.expected("field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)"),
        false => error,
    })?;
    cursor.expect(".", "\"->>\", \"->\" or delimiter (.)")?;
    let (negated, test) = expression(cursor, Place::Tree)?;
    Ok(Tree::Filter(Filter { field, negated, test }))
}

/// A column may be called `and` as well; only a parenthesis makes it a group.
fn begins_group(text: &str) -> bool {
    let text = text.strip_prefix("not.").unwrap_or(text);
    let rest = text.strip_prefix("and").or_else(|| text.strip_prefix("or"));
    rest.is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with('('))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Tree, serde_json::Value> {
        tree(&mut Cursor::new(text)).map_err(|e| e.into_error("w", text).json())
    }

    fn show(tree: &Tree) -> String {
        match tree {
            Tree::Filter(filter) => format!("{}{}", if filter.negated { "!" } else { "" }, filter.field.name),
            Tree::Group { negated, any, members } => {
                let members: Vec<_> = members.iter().map(show).collect();
                format!("{}({})", if *negated { "!" } else { "" }, members.join(if *any { "|" } else { "&" }))
            }
        }
    }

    #[test]
    fn trees_nest() {
        for (text, expected) in [
            ("or(id.eq.1)", "(id)"),
            ("and(a.eq.1,or(b.eq.\"x,)\",c.in.(1,2)),not.and(d.is.null,e.not.cs.{1,2}))", "(a&(b|c)&!(d&!e))"),
            ("and( and ( id.in.( 1, 2, 3 ) , id.eq.3 ) , or ( id.eq.2 , id.eq.3 ) )", "((id&id)&(id|id))"),
            ("or(and_starting_col.eq.smth, or_starting_col.eq.smth)", "(and_starting_col|or_starting_col)"),
            ("not.or(and.eq.1,data->a.eq.2)", "!(and|data)"),
        ] {
            assert_eq!(parse(text).as_ref().map(show), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn errors_say_where() {
        let empty = parse("or()").unwrap_err();
        assert_eq!(
            empty["details"],
            "unexpected \")\" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)"
        );
        assert_eq!(empty["message"], "\"w\" (line 1, column 4)");
        for (text, column) in
            [("or(id.in.1,2,id.eq.3)", 10), ("or)(", 3), ("or(id.eq.1", 11), ("xor(a.eq.1)", 1), ("or(id.eq.1)x", 12)]
        {
            assert_eq!(parse(text).unwrap_err()["message"], format!("\"w\" (line 1, column {column})"), "{text}");
        }
        let deep = format!("{}a.eq.1{}", "and(".repeat(22), ")".repeat(22));
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn keys_lead_to_embeds() {
        let parse = |text: &str| key(&mut Cursor::new(text)).ok();
        assert_eq!(parse("or"), Some((vec![], "or".into())));
        assert_eq!(parse("not.and"), Some((vec![], "not.and".into())));
        assert_eq!(parse("a.b.not.or"), Some((vec!["a".into(), "b".into()], "not.or".into())));
    }
}

//! `select=id,alias:data->key::text,clients!hint!inner(name),...owner(email)`.

use super::cursor::{Cursor, Parsed};
use super::names::{FieldRef, field, field_name, identifier, json_path};

/// Relations within relations within relations.
const DEEPEST_EMBED: usize = 5;
/// Columns and embeds of all levels together.
const MOST_ITEMS: usize = 1_000;
/// An embed is a join to plan, so it counts as so many columns.
const EMBED_WEIGHT: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SelectItem {
    All,
    Column {
        field: FieldRef,
        cast: Option<String>,
        alias: Option<String>,
    },
    /// `amount.sum()` or `count()`, which are switched off.
    Aggregate,
    Embed(EmbedItem),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmbedItem {
    pub(crate) alias: Option<String>,
    /// A relation, a foreign key's name or its column.
    pub(crate) target: String,
    pub(crate) hint: Option<String>,
    pub(crate) inner: bool,
    pub(crate) spread: bool,
    pub(crate) items: Vec<SelectItem>,
}

impl EmbedItem {
    /// The name in the answer, by which filters and order find it.
    pub(crate) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.target)
    }
}

pub(crate) fn select(cursor: &mut Cursor<'_>) -> Parsed<Vec<SelectItem>> {
    let mut count = 0;
    let items = items(cursor, 0, &mut count)?;
    cursor.expect_end("\",\" or end of input")?;
    Ok(items)
}

fn items(cursor: &mut Cursor<'_>, depth: usize, count: &mut usize) -> Parsed<Vec<SelectItem>> {
    let mut items = Vec::new();
    cursor.skip_blanks();
    if matches!(cursor.peek(), None | Some(')')) {
        return Ok(items);
    }
    loop {
        *count += 1;
        if *count > MOST_ITEMS {
            return Err(cursor.fail(format!("more than {MOST_ITEMS} columns and embedded resources")));
        }
        cursor.skip_blanks();
        items.push(item(cursor, depth, count)?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            return Ok(items);
        }
    }
}

fn item(cursor: &mut Cursor<'_>, depth: usize, count: &mut usize) -> Parsed<SelectItem> {
    if cursor.eat("...") {
        let target = field_name(cursor)?;
        return embed(cursor, None, target, true, depth, count);
    }
    if cursor.eat("*") {
        return ends(cursor, "\")\", \",\" or end of input").map(|()| SelectItem::All);
    }
    let mut name = field_name(cursor)?;
    let mut alias = None;
    if cursor.rest().starts_with(':') && !cursor.rest().starts_with("::") {
        cursor.next();
        alias = Some(name);
        name = field_name(cursor)?;
    }
    if name == "count" && cursor.eat("()") {
        cast(cursor)?;
        return ends(cursor, "\"::\", \")\", \",\" or end of input").map(|()| SelectItem::Aggregate);
    }
    if matches!(cursor.peek(), Some('!' | '(')) {
        return embed(cursor, alias, name, false, depth, count);
    }
    let path = json_path(cursor)?;
    let column_cast = cast(cursor)?;
    let aggregate = ["avg", "count", "max", "min", "sum"].iter().any(|name| cursor.eat(&format!(".{name}()")));
    if aggregate {
        cast(cursor)?;
    }
    cursor.skip_blanks();
    ends(cursor, "letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input")?;
    if aggregate {
        return Ok(SelectItem::Aggregate);
    }
    Ok(SelectItem::Column { field: FieldRef { name, path }, cast: column_cast, alias })
}

fn cast(cursor: &mut Cursor<'_>) -> Parsed<Option<String>> {
    if !cursor.eat("::") {
        return Ok(None);
    }
    identifier(cursor).map(|name| Some(name.to_owned()))
}

fn ends(cursor: &Cursor<'_>, expected: &str) -> Parsed<()> {
    match cursor.peek() {
        None | Some(')' | ',' | ' ' | '\t') => Ok(()),
        Some(_) => Err(cursor.expected(expected)),
    }
}

fn embed(
    cursor: &mut Cursor<'_>,
    alias: Option<String>,
    target: String,
    spread: bool,
    depth: usize,
    count: &mut usize,
) -> Parsed<SelectItem> {
    if depth == DEEPEST_EMBED {
        return Err(cursor.fail(format!("embedded resources more than {DEEPEST_EMBED} levels deep")));
    }
    *count += EMBED_WEIGHT - 1;
    let (mut hint, mut inner, mut joined) = (None, false, false);
    for _ in 0..2 {
        if !cursor.eat("!") {
            break;
        }
        let word = field_name(cursor)?;
        match word.as_str() {
            "inner" | "left" if !joined => (inner, joined) = (word == "inner", true),
            _ if hint.is_none() => hint = Some(word),
            _ => {}
        }
    }
    cursor.expect("(", "\"!\" or \"(\"")?;
    let items = items(cursor, depth + 1, count)?;
    cursor.expect(")", "\",\" or \")\"")?;
    Ok(SelectItem::Embed(EmbedItem { alias, target, hint, inner, spread, items }))
}

/// `order=name.desc.nullsfirst,clients(name)`
pub(crate) fn order(cursor: &mut Cursor<'_>) -> Parsed<Vec<OrderItem>> {
    let mut terms = Vec::new();
    loop {
        cursor.skip_blanks();
        terms.push(order_item(cursor)?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            cursor.expect_end("delimiter (.), \",\" or end of input")?;
            return Ok(terms);
        }
        if terms.len() == MOST_ITEMS {
            return Err(cursor.fail(format!("more than {MOST_ITEMS} order terms")));
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderItem {
    /// `clients(name)`: a column of this embed.
    pub(crate) embed: Option<String>,
    pub(crate) field: FieldRef,
    pub(crate) descending: Option<bool>,
    pub(crate) nulls_first: Option<bool>,
}

fn order_item(cursor: &mut Cursor<'_>) -> Parsed<OrderItem> {
    let start = cursor.at();
    let name = field_name(cursor)?;
    let embed = if cursor.eat("(") {
        Some(name)
    } else {
        cursor.back_to(start);
        None
    };
    let field = field(cursor)?;
    if embed.is_some() {
        cursor.expect(")", "letter, digit, \"-\", \"->>\", \"->\" or \")\"")?;
    }
    let mut item = OrderItem { embed, field, descending: None, nulls_first: None };
    while cursor.rest().starts_with('.') && item.nulls_first.is_none() {
        let at = cursor.at() + 1;
        cursor.next();
        let word = cursor.take_while(|c| c.is_ascii_alphabetic());
        match word {
            "asc" | "desc" if item.descending.is_none() => item.descending = Some(word == "desc"),
            "nullsfirst" | "nullslast" => item.nulls_first = Some(word == "nullsfirst"),
            _ if item.descending.is_none() => {
                return Err(cursor.expected_at(at, "\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\""));
            }
            _ => return Err(cursor.expected_at(at, "\"nullsfirst\" or \"nullslast\"")),
        }
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use plimsoll_db::rest::plan::{JsonKey, JsonStep};

    use super::*;

    fn parse(text: &str) -> Parsed<Vec<SelectItem>> {
        select(&mut Cursor::new(text))
    }

    fn column(name: &str) -> SelectItem {
        SelectItem::Column { field: FieldRef { name: name.into(), path: vec![] }, cast: None, alias: None }
    }

    fn relation(target: &str, items: Vec<SelectItem>) -> EmbedItem {
        EmbedItem { alias: None, target: target.into(), hint: None, inner: false, spread: false, items }
    }

    #[test]
    fn columns_have_paths_casts_and_aliases() {
        assert_eq!(parse("*"), Ok(vec![SelectItem::All]));
        assert_eq!(parse(""), Ok(vec![]));
        assert_eq!(parse("id, name"), Ok(vec![column("id"), column("name")]));
        let path = vec![JsonStep { key: JsonKey::Name("b".into()), as_text: true }];
        assert_eq!(
            parse("x:a->>b::int"),
            Ok(vec![SelectItem::Column {
                field: FieldRef { name: "a".into(), path },
                cast: Some("int".into()),
                alias: Some("x".into())
            }])
        );
        for aggregate in ["count()", "n:count()", "a.sum()", "a::float.avg()::int", "a->b.max()"] {
            assert_eq!(parse(aggregate), Ok(vec![SelectItem::Aggregate]), "{aggregate}");
        }
    }

    #[test]
    fn embeds_nest() {
        assert_eq!(parse("clients()"), Ok(vec![SelectItem::Embed(relation("clients", vec![]))]));
        let tasks = relation("tasks", vec![SelectItem::All]);
        let projects = EmbedItem {
            alias: Some("p".into()),
            hint: Some("fk".into()),
            inner: true,
            ..relation("projects", vec![column("id"), SelectItem::Embed(tasks)])
        };
        for text in ["p:projects!fk!inner(id,tasks(*))", "p:projects!inner!fk(id, tasks!left( * ))"] {
            assert_eq!(parse(text), Ok(vec![SelectItem::Embed(projects.clone())]), "{text}");
        }
        let spread = EmbedItem { spread: true, ..relation("clients", vec![column("name")]) };
        assert_eq!(parse("...clients(name)"), Ok(vec![SelectItem::Embed(spread)]));
    }

    #[test]
    fn what_is_no_selection_is_refused() {
        for text in [
            "id,",
            ",id",
            "clients(",
            "clients(id",
            "clients(id))",
            "id)",
            "a::",
            "x:...b(c)",
            "a->",
            "*x",
            "a!b",
            "id,clients(name[])",
            "*!hint",
            "a b::int[]",
            "...clients",
            "count(",
            "a.median()",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let deep = format!("{}*{}", "a(".repeat(6), ")".repeat(6));
        assert!(parse(&deep).is_err());
        assert!(parse(&vec!["a"; 1_001].join(",")).is_err());
        assert!(parse(&vec!["a()"; 100].join(",")).is_ok() && parse(&vec!["a()"; 102].join(",")).is_err());
        let error =
            parse("name[]").unwrap_err().into_error("failed to parse select parameter (name[])", "name[]").json();
        assert_eq!(error["message"], "\"failed to parse select parameter (name[])\" (line 1, column 5)");
    }

    #[test]
    fn order_has_directions() {
        let terms = |text: &str| order(&mut Cursor::new(text));
        let term = |embed: Option<&str>, name: &str, descending, nulls_first| OrderItem {
            embed: embed.map(str::to_owned),
            field: FieldRef { name: name.into(), path: vec![] },
            descending,
            nulls_first,
        };
        assert_eq!(
            terms("name.desc.nullsfirst, id ,clients(name).asc,b.nullslast"),
            Ok(vec![
                term(None, "name", Some(true), Some(true)),
                term(None, "id", None, None),
                term(Some("clients"), "name", Some(false), None),
                term(None, "b", None, Some(false)),
            ])
        );
        for (text, column) in [
            ("id.ac", 4),
            ("id.descc", 4),
            ("id.asc.nlsfst", 8),
            ("id.nullsfirst.asc", 14),
            ("clients(name,id)", 13),
            ("id.asc.desc", 8),
            ("", 1),
            ("id,", 4),
        ] {
            let error = terms(text).unwrap_err().into_error("w", text).json();
            assert_eq!(error["message"], format!("\"w\" (line 1, column {column})"), "{text}");
        }
    }
}

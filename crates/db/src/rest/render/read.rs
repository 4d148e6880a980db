//! Rows of a table, a view or a call, with what is embedded in them.

use super::answer::Answer;
use super::condition::{self, Scope};
use super::sql::Sql;
use crate::rest::catalogue::Name;
use crate::rest::plan::{Aggregate, Count, Embed, Field, Item, Read, Relationship, RelationshipKind};

/// PostgreSQL cuts names after 63 bytes; an alias with a number at its end must keep the number.
const LONGEST_ALIAS: usize = 48;

/// The answer to a read.
pub(super) fn answer(sql: &mut Sql, from: &Name, read: &Read, count: Option<Count>, answer: &Answer) {
    let (alias, embeds) = (quoted(&from.name), embeds(read));
    let scope = Scope { alias: &alias, embeds: &embeds, depth: 0 };
    let source = |sql: &mut Sql| _ = sql.name(from);
    let whole = read.limit.is_none() && read.offset == 0;
    answer.write(
        sql,
        false,
        |sql| rows(sql, source, read, scope),
        |sql| match count {
            Some(Count::Exact | Count::Estimated) if whole => _ = sql.push("count(*)"),
            Some(Count::Exact) => self::count(sql, source, read, scope, None),
            Some(Count::Estimated) => self::count(sql, source, read, scope, Some(super::COUNTED_AT_MOST + 1)),
            Some(Count::Planned) | None => _ = sql.push("null::int8"),
        },
    );
}

/// A `select` of the rows alone.
pub(super) fn plain(sql: &mut Sql, from: &Name, read: &Read) {
    let (alias, embeds) = (quoted(&from.name), embeds(read));
    rows(sql, |sql| _ = sql.name(from), read, Scope { alias: &alias, embeds: &embeds, depth: 0 });
}

/// A `select` of the rows that a read of `from` matches, whatever its limit and offset.
pub(super) fn matching_rows(sql: &mut Sql, from: &Name, read: &Read) {
    let (alias, embeds) = (quoted(&from.name), embeds(read));
    let scope = Scope { alias: &alias, embeds: &embeds, depth: 0 };
    matching(sql, |sql| _ = sql.name(from), read, scope);
}

/// How many rows there are without limit and offset, as an expression. Not more than `at_most` are counted.
pub(super) fn count(sql: &mut Sql, source: impl Fn(&mut Sql), read: &Read, scope: Scope<'_>, at_most: Option<i64>) {
    sql.push("(select count(*) from (");
    matching(sql, source, read, scope);
    if let Some(at_most) = at_most {
        sql.push(" limit ").number(at_most);
    }
    sql.push(") counted)");
}

fn matching(sql: &mut Sql, source: impl Fn(&mut Sql), read: &Read, scope: Scope<'_>) {
    sql.push("select 1 from ");
    source(sql);
    let mut words = Words::new(" where ");
    if !read.filter.is_empty() {
        words.next(sql);
        condition::all(sql, &read.filter, scope);
    }
    for embed in scope.embeds.iter().filter(|embed| embed.inner) {
        words.next(sql);
        exists(sql, embed, scope);
    }
}

/// The `select` of the rows themselves. `source` is what follows `from` and is known as `scope.alias`.
pub(super) fn rows(sql: &mut Sql, source: impl Fn(&mut Sql), read: &Read, scope: Scope<'_>) {
    sql.push("select ");
    select_list(sql, read, scope);
    sql.push(" from ");
    source(sql);
    joins(sql, scope);
    rest(sql, read, scope, Words::new(" where "));
}

/// Conditions after those that `words` has written already, groups, order and range.
fn rest(sql: &mut Sql, read: &Read, scope: Scope<'_>, mut words: Words) {
    if !read.filter.is_empty() {
        words.next(sql);
        condition::all(sql, &read.filter, scope);
    }
    for embed in scope.embeds.iter().filter(|embed| embed.inner && !joins_inner(embed)) {
        words.next(sql);
        exists(sql, embed, scope);
    }
    group(sql, &read.select);
    condition::order(sql, &read.order, scope);
    if let Some(limit) = read.limit {
        sql.push(" limit ").number(limit);
    }
    if read.offset != 0 {
        sql.push(" offset ").number(read.offset);
    }
}

/// Embedded rows are `jsonb`, as PostgREST's are: unlike `json`, one can be told from another, to group by it.
fn select_list(sql: &mut Sql, read: &Read, scope: Scope<'_>) {
    if read.select.is_empty() && scope.depth == 0 {
        sql.push(scope.alias).push(".*");
        return;
    }
    let shown = read.select.iter().filter(|item| !matches!(item, Item::Embed(embed) if !embed.is_shown()));
    sql.list(", ", shown, |sql, item| match item {
        Item::All => _ = sql.push(scope.alias).push(".*"),
        Item::Field { field, cast, alias, aggregate } => {
            let own = match aggregate {
                Some(aggregate) => aggregate_name(*aggregate),
                None => field.key(),
            };
            let name = alias.as_deref().unwrap_or(own);
            let is_plain = field.path.is_empty() && cast.is_none() && aggregate.is_none();
            with_cast(sql, cast.as_deref(), |sql| {
                if let Some(aggregate) = aggregate {
                    sql.push(aggregate_name(*aggregate)).push("(");
                }
                condition::field(sql, field, scope.alias);
                if aggregate.is_some() {
                    sql.push(")");
                }
            });
            if !is_plain || name != field.column {
                sql.push(" as ").identifier(name);
            }
        }
        Item::CountRows { alias, cast } => {
            with_cast(sql, cast.as_deref(), |sql| _ = sql.push("count(*)"));
            sql.push(" as ").identifier(alias.as_deref().unwrap_or("count"));
        }
        Item::Embed(embed) => {
            let joined = joined(embed);
            if embed.spread {
                sql.push(&joined).push(".*");
            } else if embed.relationship.is_to_one() {
                sql.push("row_to_json(").push(&joined).push(".*)::jsonb as ").identifier(&embed.key);
            } else {
                sql.push("coalesce(").push(&joined).push(".").push(&joined).push(", '[]') as ").identifier(&embed.key);
            }
        }
    });
}

fn with_cast(sql: &mut Sql, cast: Option<&str>, expression: impl FnOnce(&mut Sql)) {
    match cast {
        None => expression(sql),
        Some(cast) => {
            sql.push("cast(");
            expression(sql);
            sql.push(" as ").client_type(cast).push(")");
        }
    }
}

/// With aggregates, the other items are what rows are grouped by.
fn group(sql: &mut Sql, select: &[Item]) {
    let aggregates = |item: &Item| matches!(item, Item::Field { aggregate: Some(_), .. } | Item::CountRows { .. });
    if !select.iter().any(aggregates) {
        return;
    }
    let mut words = Words { first: " group by ", between: ", ", begun: false };
    let shown = select.iter().filter(|item| !matches!(item, Item::Embed(embed) if !embed.is_shown()));
    for (position, item) in (1..).zip(shown) {
        if !aggregates(item) {
            words.next(sql);
            sql.number(position);
        }
    }
}

fn joins(sql: &mut Sql, scope: Scope<'_>) {
    for embed in scope.embeds.iter().filter(|embed| embed.is_shown()) {
        let joined = joined(embed);
        sql.push(if joins_inner(embed) { " join lateral (" } else { " left join lateral (" });
        if embed.relationship.is_to_one() {
            embedded(sql, embed, scope, select_list);
        } else {
            sql.push("select ");
            if embed.spread {
                arrays(sql, embed, &joined);
            } else {
                sql.push("json_agg(").push(&joined).push(".*)::jsonb as ").push(&joined);
            }
            sql.push(" from (");
            embedded(sql, embed, scope, select_list);
            sql.push(") ").push(&joined);
        }
        sql.push(") ").push(&joined).push(" on ");
        if joins_inner(embed) && !embed.relationship.is_to_one() {
            sql.push(&joined).push(".").push(&joined).push(" is not null");
        } else {
            sql.push("true");
        }
    }
}

/// Each column of a to-many embed as an array, for the parent to take as its own.
fn arrays(sql: &mut Sql, embed: &Embed, joined: &str) {
    let Some(names) = names(&embed.read) else {
        sql.refuse("0A000", format!("the columns of \"{}\" must be named to be spread", embed.key));
        return;
    };
    sql.list(", ", names, |sql, name| {
        sql.push("coalesce(json_agg(").column(joined, name).push("), '[]')::jsonb as ").identifier(name);
    });
}

/// What the columns of a read are called; `None` where `*` keeps that to itself.
fn names(read: &Read) -> Option<Vec<&str>> {
    let mut names: Vec<&str> = Vec::new();
    for item in &read.select {
        match item {
            Item::All => return None,
            Item::Field { alias: Some(alias), .. } | Item::CountRows { alias: Some(alias), .. } => names.push(alias),
            Item::Field { aggregate: Some(aggregate), .. } => names.push(aggregate_name(*aggregate)),
            Item::Field { field, .. } => names.push(field.key()),
            Item::CountRows { .. } => names.push("count"),
            Item::Embed(embed) if embed.spread => names.extend(self::names(&embed.read)?),
            Item::Embed(embed) if embed.is_shown() => names.push(&embed.key),
            Item::Embed(_) => {}
        }
    }
    Some(names)
}

/// Whether there is a row to embed.
pub(super) fn exists(sql: &mut Sql, embed: &Embed, parent: Scope<'_>) {
    sql.push("exists (");
    let (alias, embeds) = (alias_of(embed, parent), embeds(&embed.read));
    let scope = Scope { alias: &alias, embeds: &embeds, depth: parent.depth + 1 };
    sql.push("select 1");
    let mut words = from_related(sql, embed, parent, scope, |_| {});
    if !embed.read.filter.is_empty() {
        words.next(sql);
        condition::all(sql, &embed.read.filter, scope);
    }
    for inner in scope.embeds.iter().filter(|embed| embed.inner) {
        words.next(sql);
        exists(sql, inner, scope);
    }
    sql.push(")");
}

/// A field of the row that a to-one embed finds, to order by.
pub(super) fn value_of(sql: &mut Sql, embed: &Embed, field: &Field, parent: Scope<'_>) {
    sql.push("(");
    embedded(sql, embed, parent, |sql, _, scope| condition::field(sql, field, scope.alias));
    sql.push(if embed.read.limit.is_none() { " limit 1)" } else { ")" });
}

/// `select` from the related rows of one row of the parent.
fn embedded(sql: &mut Sql, embed: &Embed, parent: Scope<'_>, list: impl FnOnce(&mut Sql, &Read, Scope<'_>)) {
    let (alias, embeds) = (alias_of(embed, parent), embeds(&embed.read));
    let scope = Scope { alias: &alias, embeds: &embeds, depth: parent.depth + 1 };
    sql.push("select ");
    list(sql, &embed.read, scope);
    let words = from_related(sql, embed, parent, scope, |sql| joins(sql, scope));
    rest(sql, &embed.read, scope, words);
}

/// ` from` the target (and the table in between) ` where` it belongs to the row of the parent; or ` from` a function of
/// that row.
fn from_related(
    sql: &mut Sql,
    embed: &Embed,
    parent: Scope<'_>,
    scope: Scope<'_>,
    joins: impl FnOnce(&mut Sql),
) -> Words {
    let Relationship { target, kind } = &embed.relationship;
    let mut words = Words::new(" where ");
    let between = format!("\"#{} between\"", embed.id);
    sql.push(" from ");
    if let RelationshipKind::ManyToMany { junction, .. } = kind {
        sql.name(junction).push(" as ").push(&between).push(" cross join ");
    }
    match kind {
        // Rows that were written or answered have no type of their own, and a column may be called like the parent.
        RelationshipKind::Computed { function, from, .. } => {
            sql.name(function).push("((").push(parent.alias).push(".*)::").name(from).push(")")
        }
        _ => sql.name(target),
    };
    sql.push(" as ").push(scope.alias);
    joins(sql);
    let mut equal = |sql: &mut Sql, alias: &str, column: &str, other_alias: &str, other: &str| {
        words.next(sql);
        sql.column(alias, column).push(" = ").column(other_alias, other);
    };
    match kind {
        RelationshipKind::ToOne { on } | RelationshipKind::ToMany { on } => {
            for (here, there) in on {
                equal(sql, scope.alias, there, parent.alias, here);
            }
        }
        RelationshipKind::ManyToMany { near, far, .. } => {
            for (here, middle) in near {
                equal(sql, &between, middle, parent.alias, here);
            }
            for (middle, there) in far {
                equal(sql, scope.alias, there, &between, middle);
            }
        }
        RelationshipKind::Computed { .. } => {}
    }
    words
}

/// What the rows of `read` embed.
pub(super) fn embeds(read: &Read) -> Vec<&Embed> {
    read.select.iter().filter_map(|item| if let Item::Embed(embed) = item { Some(&**embed) } else { None }).collect()
}

/// Whether the join itself leaves out parents without rows. Arrays of spread columns are never null, so they cannot tell.
fn joins_inner(embed: &Embed) -> bool {
    embed.inner && embed.is_shown() && (!embed.spread || embed.relationship.is_to_one())
}

/// The quoted name under which an embed is joined to its parent.
fn joined(embed: &Embed) -> String {
    format!("\"#{}\"", embed.id)
}

/// Named as PostgREST does, since PostgreSQL's messages show it: the table and how deep it stands.
fn alias_of(embed: &Embed, parent: Scope<'_>) -> String {
    let mut name = String::new();
    for c in embed.relationship.target.name.chars() {
        if name.len() + c.len_utf8() > LONGEST_ALIAS {
            break;
        }
        name.push(c);
    }
    let mut alias = quoted(&format!("{name}_{}", parent.depth + 1));
    if alias == parent.alias {
        alias = quoted(&format!("{name}_{}_", parent.depth + 1));
    }
    alias
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

const fn aggregate_name(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Avg => "avg",
        Aggregate::Count => "count",
        Aggregate::Max => "max",
        Aggregate::Min => "min",
        Aggregate::Sum => "sum",
    }
}

/// A word before the first of several things, and another between them.
struct Words {
    first: &'static str,
    between: &'static str,
    begun: bool,
}

impl Words {
    const fn new(first: &'static str) -> Self {
        Self { first, between: " and ", begun: false }
    }

    fn next(&mut self, sql: &mut Sql) {
        sql.push(if self.begun { self.between } else { self.first });
        self.begun = true;
    }
}

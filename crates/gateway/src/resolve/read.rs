//! `select`, filters, order and ranges of a table and of everything embedded in it, as one tree.

use plimsoll_db::rest::catalogue::{Column, Name};
use plimsoll_db::rest::plan::{Condition, Embed, Field, IsValue, Item, JsonKey, OrderBy, OrderTerm, Read, Test};

use super::{Origin, Scope, relationship};
use crate::error::ApiError;
use crate::query::Query;
use crate::query::logic::{Filter, Tree};
use crate::query::names::FieldRef;
use crate::query::select::{EmbedItem, OrderItem, SelectItem};
use crate::range::RowRange;

/// Each array within another multiplies what a short request is answered with.
const MOST_ARRAYS_WITHIN: usize = 2;

/// What of the query string is for the table itself; what is for embeds always counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Filters, order and range.
    Chosen(RowRange),
    /// The order alone: the rows are those that were written.
    Written,
}

/// The tree of `query` over `origin`.
pub(super) fn tree(scope: Scope<'_>, origin: Origin<'_>, query: &Query, rows: Rows) -> Result<Read, ApiError> {
    let mut root = Node::new(&query.select, None);
    let written = rows == Rows::Written;
    for (path, filter) in &query.filters {
        if !(written && path.is_empty()) {
            root.at(path)?.filters.push(filter);
        }
    }
    for (path, tree) in &query.trees {
        if !(written && path.is_empty()) {
            root.at(path)?.trees.push(tree);
        }
    }
    for (path, order) in &query.order {
        root.at(path)?.order = order;
    }
    for (path, range) in &query.ranges {
        let node = root.at(path)?;
        if range.limit.is_some_and(|limit| limit < 0) {
            return Err(ApiError::range("Limit should be greater than or equal to zero."));
        }
        node.range = *range;
    }
    root.range = match rows {
        Rows::Chosen(range) => range,
        Rows::Written => RowRange::ALL,
    };
    let mut ids = 0;
    let most = if written { None } else { scope.max_rows };
    let read = root.resolve(Scope { max_rows: most, ..scope }, origin, false, &mut ids)?;
    if arrays_within(&read) > MOST_ARRAYS_WITHIN {
        return Err(ApiError::bad_request("PGRST100", "Too many resources embedded within each other").details(format!(
            "Arrays of rows may stand {MOST_ARRAYS_WITHIN} deep within each other; read what is deeper by a request of its own."
        )));
    }
    Ok(read)
}

/// How many arrays of embedded rows stand within each other.
fn arrays_within(read: &Read) -> usize {
    let embeds = read.select.iter().filter_map(|item| if let Item::Embed(embed) = item { Some(embed) } else { None });
    let deep = |embed: &Embed| usize::from(!embed.relationship.is_to_one()) + arrays_within(&embed.read);
    embeds.map(|embed| deep(embed)).max().unwrap_or(0)
}

/// The filters of the table itself, for PATCH and DELETE.
pub(super) fn conditions(origin: Origin<'_>, query: &Query) -> Result<Vec<Condition>, ApiError> {
    let filters = query.top_filters().map(|filter| condition(origin, &[], filter));
    let trees = query.trees.iter().filter(|(path, _)| path.is_empty());
    filters.chain(trees.map(|(_, tree)| tree_condition(origin, &[], tree))).collect()
}

/// What the query string says of one table.
struct Node<'a> {
    /// Where it is embedded, unless it is the table of the URL.
    item: Option<&'a EmbedItem>,
    items: &'a [SelectItem],
    children: Vec<Node<'a>>,
    filters: Vec<&'a Filter>,
    trees: Vec<&'a Tree>,
    order: &'a [OrderItem],
    range: RowRange,
}

impl<'a> Node<'a> {
    fn new(items: &'a [SelectItem], item: Option<&'a EmbedItem>) -> Self {
        let children = items.iter().filter_map(|item| match item {
            SelectItem::Embed(embed) => Some(Self::new(&embed.items, Some(embed))),
            _ => None,
        });
        let children = children.collect();
        Self { item, items, children, filters: Vec::new(), trees: Vec::new(), order: &[], range: RowRange::ALL }
    }

    /// The node to which the embeds named in `path` lead.
    fn at(&mut self, path: &[String]) -> Result<&mut Self, ApiError> {
        let Some((first, rest)) = path.split_first() else { return Ok(self) };
        let child = self
            .children
            .iter_mut()
            .find(|child| child.item.is_some_and(|item| item.target == *first || item.alias.as_ref() == Some(first)));
        child.ok_or_else(|| ApiError::not_embedded(first))?.at(rest)
    }

    /// With `by_column` the columns that `*` stands for are named: spread rows become arrays one by one.
    fn resolve(self, scope: Scope<'_>, origin: Origin<'_>, by_column: bool, ids: &mut usize) -> Result<Read, ApiError> {
        let mut select = Vec::with_capacity(self.items.len());
        let mut embeds = Vec::new();
        let mut children = self.children.into_iter();
        for item in self.items {
            select.push(match item {
                SelectItem::All if by_column => {
                    select.extend(origin.columns.iter().map(whole_column));
                    continue;
                }
                SelectItem::All => Item::All,
                SelectItem::Column { field: named, cast, alias } => Item::Field {
                    field: field(origin, named),
                    cast: cast.clone(),
                    alias: alias.clone().or_else(|| path_alias(named)),
                    aggregate: None,
                },
                SelectItem::Aggregate => {
                    return Err(ApiError::bad_request("PGRST123", "Use of aggregate functions is not allowed"));
                }
                SelectItem::Embed(item) => {
                    let Some(child) = children.next() else { continue };
                    let embed = child.embed(scope, origin, item, by_column, ids)?;
                    embeds.push(Embedded::of(&embed));
                    Item::Embed(Box::new(embed))
                }
            });
        }
        let filters = self.filters.into_iter().map(|filter| condition(origin, &embeds, filter));
        let trees = self.trees.into_iter().map(|tree| tree_condition(origin, &embeds, tree));
        let filter = filters.chain(trees).collect::<Result<_, _>>()?;
        let order = self.order.iter().map(|term| order_term(scope, origin, &embeds, term)).collect::<Result<_, _>>()?;
        let range = self.range.at_most(scope.max_rows);
        Ok(Read { select, filter, order, limit: range.limit, offset: range.offset })
    }

    fn embed(
        self,
        scope: Scope<'_>,
        origin: Origin<'_>,
        item: &EmbedItem,
        by_column: bool,
        ids: &mut usize,
    ) -> Result<Embed, ApiError> {
        let relationship = relationship::find(scope, origin, &item.target, item.hint.as_deref())?;
        let target = scope.catalogue.relations.get(&relationship.target);
        let target =
            target.map_or(Origin { name: &relationship.target.name, relation: None, columns: &[] }, Origin::of);
        *ids += 1;
        let id = *ids;
        let read = self.resolve(scope, target, item.spread && (by_column || !relationship.is_to_one()), ids)?;
        Ok(Embed { key: item.key().to_owned(), id, relationship, inner: item.inner, spread: item.spread, read })
    }
}

/// An embed as conditions and order terms of its parent name it.
struct Embedded {
    key: String,
    id: usize,
    to_one: bool,
    target: Name,
}

impl Embedded {
    fn of(embed: &Embed) -> Self {
        let to_one = embed.relationship.is_to_one();
        Self { key: embed.key.clone(), id: embed.id, to_one, target: embed.relationship.target.clone() }
    }
}

/// A column that the catalogue does not have goes to the database as it is, which says so in its own words.
fn field(origin: Origin<'_>, named: &FieldRef) -> Field {
    let is_json =
        origin.column(&named.name).is_some_and(|column| matches!(column.base_type.as_str(), "json" | "jsonb"));
    Field { column: named.name.clone(), path: named.path.clone(), needs_to_jsonb: !is_json }
}

fn whole_column(column: &Column) -> Item {
    let field = Field { column: column.name.clone(), path: Vec::new(), needs_to_jsonb: false };
    Item::Field { field, cast: None, alias: None, aggregate: None }
}

/// The last key of a path names its value: `data->a->1` is `a`, `data->1` is `data`.
fn path_alias(named: &FieldRef) -> Option<String> {
    if named.path.is_empty() {
        return None;
    }
    let last = named.path.iter().rev().find_map(|step| match &step.key {
        JsonKey::Name(name) => Some(name),
        JsonKey::Index(_) => None,
    });
    Some(last.unwrap_or(&named.name).clone())
}

fn condition(origin: Origin<'_>, embeds: &[Embedded], filter: &Filter) -> Result<Condition, ApiError> {
    let name = &filter.field.name;
    let embed = embeds.iter().find(|embed| filter.field.path.is_empty() && embed.key == *name);
    if let Some(embed) = embed {
        let expected = match filter.test {
            Test::Is(IsValue::Null) => Some(filter.negated),
            Test::Is(IsValue::NotNull) => Some(!filter.negated),
            _ => None,
        };
        match expected {
            Some(expected) => return Ok(Condition::HasRows { embed_id: embed.id, expected }),
            // A column may have the name by which its row was embedded.
            None if origin.column(name).is_some() => {}
            None => {
                return Err(ApiError::bad_request(
                    "PGRST120",
                    format!("Bad operator on the '{name}' embedded resource"),
                )
                .details("Only is null or not is null filters are allowed on embedded resources"));
            }
        }
    }
    let mut test = filter.test.clone();
    if let Test::Search { is_vector, .. } = &mut test {
        let column = origin.column(name).filter(|_| filter.field.path.is_empty());
        *is_vector = column.is_some_and(|column| column.base_type == "tsvector");
    }
    let compare = Condition::Compare { field: field(origin, &filter.field), test };
    Ok(if filter.negated { Condition::Not(Box::new(compare)) } else { compare })
}

fn tree_condition(origin: Origin<'_>, embeds: &[Embedded], tree: &Tree) -> Result<Condition, ApiError> {
    match tree {
        Tree::Filter(filter) => condition(origin, embeds, filter),
        Tree::Group { negated, any, members } => {
            let members =
                members.iter().map(|member| tree_condition(origin, embeds, member)).collect::<Result<_, _>>()?;
            let group = if *any { Condition::Or(members) } else { Condition::And(members) };
            Ok(if *negated { Condition::Not(Box::new(group)) } else { group })
        }
    }
}

fn order_term(
    scope: Scope<'_>,
    origin: Origin<'_>,
    embeds: &[Embedded],
    term: &OrderItem,
) -> Result<OrderTerm, ApiError> {
    let by = match &term.embed {
        None => OrderBy::Field(field(origin, &term.field)),
        Some(key) => {
            let embed = embeds.iter().find(|embed| embed.key == *key).ok_or_else(|| ApiError::not_embedded(key))?;
            if !embed.to_one {
                return Err(ApiError::bad_request("PGRST118", format!("A related order on '{key}' is not possible"))
                    .details(format!(
                        "'{}' and '{key}' do not form a many-to-one or one-to-one relationship",
                        origin.name
                    )));
            }
            let field = match scope.catalogue.relations.get(&embed.target) {
                Some(relation) => field(Origin::of(relation), &term.field),
                None => Field { column: term.field.name.clone(), path: term.field.path.clone(), needs_to_jsonb: true },
            };
            OrderBy::Embedded { embed_id: embed.id, field }
        }
    };
    Ok(OrderTerm { by, descending: term.descending, nulls_first: term.nulls_first })
}

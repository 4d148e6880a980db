//! Filters: fields, operators and logic.

use super::read;
use super::sql::Sql;
use crate::rest::plan::{
    Condition, Embed, Field, IsValue, JsonKey, JsonStep, Operator, OrderBy, OrderTerm, Quantifier, SearchKind, Test,
};

/// The rows that names belong to: a quoted alias, and what is embedded in them.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) alias: &'a str,
    pub(super) embeds: &'a [&'a Embed],
    /// How deep within embeds these rows stand; the rows of the request itself are at 0.
    pub(super) depth: usize,
}

impl<'a> Scope<'a> {
    /// Rows in which nothing is embedded.
    pub(super) const fn plain(alias: &'a str) -> Self {
        Self { alias, embeds: &[], depth: 0 }
    }
}

/// ` where …`, or nothing where there are no conditions.
pub(super) fn where_all(sql: &mut Sql, conditions: &[Condition], scope: Scope<'_>) {
    if !conditions.is_empty() {
        sql.push(" where ");
        all(sql, conditions, scope);
    }
}

/// The conditions joined by `and`; there must be some.
pub(super) fn all(sql: &mut Sql, conditions: &[Condition], scope: Scope<'_>) {
    sql.list(" and ", conditions, |sql, condition| one(sql, condition, scope));
}

fn one(sql: &mut Sql, condition: &Condition, scope: Scope<'_>) {
    match condition {
        Condition::And(parts) if parts.is_empty() => _ = sql.push("true"),
        Condition::Or(parts) if parts.is_empty() => _ = sql.push("false"),
        Condition::And(parts) => {
            sql.push("(").list(" and ", parts, |sql, part| one(sql, part, scope)).push(")");
        }
        Condition::Or(parts) => {
            sql.push("(").list(" or ", parts, |sql, part| one(sql, part, scope)).push(")");
        }
        Condition::Not(part) => {
            sql.push("not (");
            one(sql, part, scope);
            sql.push(")");
        }
        Condition::Compare { field, test } => compare(sql, field, test, scope.alias),
        Condition::HasRows { embed_id, expected } => {
            sql.push(if *expected { "" } else { "not " });
            match scope.embeds.iter().find(|embed| embed.id == *embed_id) {
                Some(embed) => read::exists(sql, embed, scope),
                None => sql.refuse("42P01", format!("nothing with the number {embed_id} is embedded")),
            }
        }
    }
}

fn compare(sql: &mut Sql, field: &Field, test: &Test, alias: &str) {
    match test {
        Test::Operator { operator, value } => {
            self::field(sql, field, alias);
            sql.push(symbol(*operator)).value(value.as_str());
        }
        Test::Quantified { operator, quantifier, values } => {
            self::field(sql, field, alias);
            sql.push(symbol(*operator)).push(match quantifier {
                Quantifier::Any => "any(",
                Quantifier::All => "all(",
            });
            sql.value(values.as_str()).push(")");
        }
        Test::In(values) => {
            self::field(sql, field, alias);
            sql.push(" = any(").value(array_literal(values)).push(")");
        }
        Test::Is(value) => {
            self::field(sql, field, alias);
            sql.push(match value {
                IsValue::Null => " is null",
                IsValue::NotNull => " is not null",
                IsValue::True => " is true",
                IsValue::False => " is false",
                IsValue::Unknown => " is unknown",
            });
        }
        Test::Search { kind, config, value, is_vector } => {
            if *is_vector {
                self::field(sql, field, alias);
            } else {
                sql.push("to_tsvector(");
                search_config(sql, config.as_deref());
                self::field(sql, field, alias);
                sql.push(")");
            }
            sql.push(match kind {
                SearchKind::Query => " @@ to_tsquery(",
                SearchKind::Plain => " @@ plainto_tsquery(",
                SearchKind::Phrase => " @@ phraseto_tsquery(",
                SearchKind::Web => " @@ websearch_to_tsquery(",
            });
            search_config(sql, config.as_deref());
            sql.value(value.as_str()).push(")");
        }
    }
}

fn search_config(sql: &mut Sql, config: Option<&str>) {
    if let Some(config) = config {
        sql.value(config).push("::regconfig, ");
    }
}

/// A column, or the value its JSON path leads to.
pub(super) fn field(sql: &mut Sql, field: &Field, alias: &str) {
    if field.path.is_empty() {
        sql.column(alias, &field.column);
        return;
    }
    // `->` binds less tightly than most operators that may follow.
    sql.push(if field.needs_to_jsonb { "(to_jsonb(" } else { "(" });
    sql.column(alias, &field.column).push(if field.needs_to_jsonb { ")" } else { "" });
    for JsonStep { key, as_text } in &field.path {
        sql.push(if *as_text { "->>" } else { "->" });
        match key {
            JsonKey::Name(name) => sql.value(name.as_str()),
            JsonKey::Index(index) => sql.value(index.to_string()).push("::int"),
        };
    }
    sql.push(")");
}

/// ` order by …`, or nothing.
pub(super) fn order(sql: &mut Sql, terms: &[OrderTerm], scope: Scope<'_>) {
    if terms.is_empty() {
        return;
    }
    sql.push(" order by ");
    sql.list(", ", terms, |sql, OrderTerm { by, descending, nulls_first }| {
        match by {
            OrderBy::Field(field) => self::field(sql, field, scope.alias),
            OrderBy::Embedded { embed_id, field } => match scope.embeds.iter().find(|embed| embed.id == *embed_id) {
                Some(embed) => read::value_of(sql, embed, field, scope),
                None => sql.refuse("42P01", format!("nothing with the number {embed_id} is embedded")),
            },
        }
        sql.push(match descending {
            Some(true) => " desc",
            Some(false) => " asc",
            None => "",
        });
        sql.push(match nulls_first {
            Some(true) => " nulls first",
            Some(false) => " nulls last",
            None => "",
        });
    });
}

const fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => " = ",
        Operator::Neq => " <> ",
        Operator::Gt => " > ",
        Operator::Gte => " >= ",
        Operator::Lt => " < ",
        Operator::Lte => " <= ",
        Operator::Like => " like ",
        Operator::Ilike => " ilike ",
        Operator::Match => " ~ ",
        Operator::Imatch => " ~* ",
        Operator::IsDistinct => " is distinct from ",
        Operator::Contains => " @> ",
        Operator::ContainedBy => " <@ ",
        Operator::Overlaps => " && ",
        Operator::StrictlyLeft => " << ",
        Operator::StrictlyRight => " >> ",
        Operator::NotExtendsLeft => " &> ",
        Operator::NotExtendsRight => " &< ",
        Operator::Adjacent => " -|- ",
    }
}

/// `{"a","b"}` with every element quoted, so that PostgreSQL gives it the type of the field it is compared with.
/// `in.()` reads as one empty value and means none.
pub(super) fn array_literal(values: &[String]) -> String {
    let values = if let [only] = values
        && only.is_empty()
    {
        &[]
    } else {
        values
    };
    elements(values)
}

pub(super) fn elements(values: &[String]) -> String {
    let mut literal = String::from("{");
    for (position, value) in values.iter().enumerate() {
        literal.push_str(if position > 0 { ",\"" } else { "\"" });
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(c);
        }
        literal.push('"');
    }
    literal.push('}');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_an_array_are_quoted() {
        let literal = |values: &[&str]| array_literal(&values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>());
        assert_eq!(literal(&["a", "b c", "x\"y\\z", "},{", "null"]), r#"{"a","b c","x\"y\\z","},{","null"}"#);
        assert_eq!(literal(&[]), "{}");
        assert_eq!(literal(&[""]), "{}");
        assert_eq!(literal(&["", ""]), r#"{"",""}"#);
    }
}

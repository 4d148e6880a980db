//! Primary and foreign keys, as tables have them and as they show through views: a view's columns that are columns of a
//! table are that table's keys too, under the view's names.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::name;
use crate::Result;
use crate::rest::catalogue::{ForeignKey, Name};

/// Tables that are not exposed count as well: views of theirs may be.
pub(super) const FOREIGN_KEYS: &str = "
    select k.conname::text, k.conrelid, k.conkey, fn.nspname::text, fc.relname::text, fn.nspname = any($1),
           array(select a.attname::text from unnest(k.conkey) with ordinality as key (attnum, place)
                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.attnum order by key.place),
           k.confrelid, k.confkey, tn.nspname::text, tc.relname::text, tn.nspname = any($1),
           array(select a.attname::text from unnest(k.confkey) with ordinality as key (attnum, place)
                 join pg_attribute a on a.attrelid = k.confrelid and a.attnum = key.attnum order by key.place),
           exists (select from pg_index i
                   where i.indrelid = k.conrelid and i.indisunique and i.indisvalid and i.indpred is null
                     and i.indnkeyatts = cardinality(k.conkey)
                     and (i.indkey::int2[])[0:i.indnkeyatts - 1] @> k.conkey
                     and (i.indkey::int2[])[0:i.indnkeyatts - 1] <@ k.conkey)
    from pg_constraint k
    join pg_class fc on fc.oid = k.conrelid and not fc.relispartition
    join pg_namespace fn on fn.oid = fc.relnamespace
    join pg_class tc on tc.oid = k.confrelid and not tc.relispartition
    join pg_namespace tn on tn.oid = tc.relnamespace
    where k.contype = 'f' and k.conparentid = 0
    order by fn.nspname, fc.relname, k.conname";

pub(super) const PRIMARY_KEYS: &str =
    "select conrelid, conkey from pg_constraint where contype = 'p' and conrelid >= 16384";

/// Every view there is, since exposed ones may select from others. One that a trigger inserts for has no key of its own:
/// such a view cannot be asked to resolve conflicts. Of `tgtype`, 64 is INSTEAD OF and 4 INSERT.
pub(super) const VIEWS: &str = "
    select c.oid, n.nspname::text, c.relname::text, n.nspname = any($1), r.ev_action::text,
           array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 order by a.attnum),
           exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgtype & 64 <> 0 and t.tgtype & 4 <> 0)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_rewrite r on r.ev_class = c.oid and r.ev_type = '1'
    where c.relkind in ('v', 'm') and c.oid >= 16384
    order by n.nspname, c.relname";

/// A column by its relation's oid and its own number.
type ColumnAt = (u32, i16);

struct View {
    name: Name,
    /// The view's column that shows a table's; of several the first.
    shown: HashMap<ColumnAt, usize>,
    columns: Vec<String>,
    inserts_by_trigger: bool,
}

impl View {
    /// Where in the view these columns of `table` are, if it shows all of them.
    fn places(&self, table: u32, columns: &[i16]) -> Option<Vec<usize>> {
        columns.iter().map(|column| self.shown.get(&(table, *column)).copied()).collect()
    }

    fn named(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| self.columns[*place].clone()).collect()
    }
}

/// The exposed views.
pub(super) struct Views(Vec<View>);

impl Views {
    pub(super) fn read(rows: &[Row]) -> Result<Self> {
        let mut origins: HashMap<ColumnAt, ColumnAt> = HashMap::new();
        for row in rows {
            let oid: u32 = row.try_get(0)?;
            let found = origins_in(row.try_get(4)?);
            origins.extend(found.into_iter().map(|(column, origin)| ((oid, column), origin)));
        }
        let mut views = Vec::new();
        for row in rows {
            if !row.try_get::<_, bool>(3)? {
                continue;
            }
            let (oid, columns): (u32, Vec<String>) = (row.try_get(0)?, row.try_get(5)?);
            let mut shown = HashMap::new();
            for (column, place) in (1..).zip(0..columns.len()) {
                let mut at = (oid, column);
                // No further than there are views: one that was replaced may select from itself.
                for _ in rows {
                    let Some(origin) = origins.get(&at) else { break };
                    at = *origin;
                }
                shown.entry(at).or_insert(place);
            }
            views.push(View { name: name(row, 1)?, shown, columns, inserts_by_trigger: row.try_get(6)? });
        }
        Ok(Self(views))
    }

    /// The primary key of each view that has one: of the tables whose keys it shows, the one that is shown first.
    pub(super) fn primary_keys(&self, rows: &[Row]) -> Result<Vec<(&Name, Vec<String>)>> {
        let mut tables: Vec<(u32, Vec<i16>)> = Vec::new();
        for row in rows {
            tables.push((row.try_get(0)?, row.try_get(1)?));
        }
        let key_of = |view: &View| {
            let shown = tables.iter().filter_map(|(table, columns)| view.places(*table, columns));
            shown.min().map(|places| view.named(&places))
        };
        let with_keys = self.0.iter().filter(|view| !view.inserts_by_trigger);
        Ok(with_keys.filter_map(|view| Some((&view.name, key_of(view)?))).collect())
    }

    /// A foreign key between each two relations that show both its ends.
    pub(super) fn foreign_keys(&self, row: &Row) -> Result<Vec<ForeignKey>> {
        let (constraint, one_to_one): (String, bool) = (row.try_get(0)?, row.try_get(13)?);
        let (from, to) = (self.ends(row, 1)?, self.ends(row, 7)?);
        let key = |from: &End, to: &End| ForeignKey {
            name: constraint.clone(),
            from: from.0.clone(),
            from_columns: from.1.clone(),
            to: to.0.clone(),
            to_columns: to.1.clone(),
            one_to_one,
        };
        Ok(from.iter().flat_map(|from| to.iter().map(move |to| key(from, to))).collect())
    }

    /// The exposed relations that show one side of a key: the table itself and its views.
    fn ends(&self, row: &Row, at: usize) -> Result<Vec<End>> {
        let (table, numbers, exposed): (u32, Vec<i16>, bool) =
            (row.try_get(at)?, row.try_get(at + 1)?, row.try_get(at + 4)?);
        let mut ends = Vec::new();
        if exposed {
            ends.push((name(row, at + 2)?, row.try_get(at + 5)?));
        }
        let shown = self.0.iter().filter_map(|view| Some((view, view.places(table, &numbers)?)));
        ends.extend(shown.map(|(view, places)| (view.name.clone(), view.named(&places))));
        Ok(ends)
    }
}

type End = (Name, Vec<String>);

/// Of a view's rule as PostgreSQL stores it, each of its columns that is a column of a relation as it stands, and which:
/// it notes that itself, through joins and subqueries, in `resorigtbl` and `resorigcol` of the outermost target list.
fn origins_in(rule: &str) -> Vec<(i16, ColumnAt)> {
    let mut found = Vec::new();
    let mut depth = 0_u32;
    // The words of the node that stands directly in the query, without those of nodes within it.
    let mut words: Vec<&str> = Vec::new();
    let mut word: Option<usize> = None;
    let mut characters = rule.char_indices();
    while let Some((at, character)) = characters.next() {
        if !matches!(character, '{' | '}' | '(' | ')') && !character.is_whitespace() {
            word.get_or_insert(at);
            // What stands behind a backslash belongs to a name.
            if character == '\\' {
                characters.next();
            }
            continue;
        }
        if let Some(start) = word.take()
            && depth == 2
        {
            words.push(&rule[start..at]);
        }
        match character {
            '{' => {
                depth += 1;
                if depth == 2 {
                    words.clear();
                }
            }
            '}' => {
                if depth == 2 {
                    found.extend(origin_of(&words));
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    found
}

/// From the words of a target entry: `TARGETENTRY :expr :resno 1 :resname id … :resorigtbl 16390 :resorigcol 1 …`, where the
/// expression is a node of its own.
fn origin_of(words: &[&str]) -> Option<(i16, ColumnAt)> {
    let [kind, _expression, fields @ ..] = words else { return None };
    if *kind != "TARGETENTRY" {
        return None;
    }
    let value = |field: &str| fields.chunks_exact(2).find(|pair| pair[0] == field).map(|pair| pair[1]);
    let table = value(":resorigtbl")?.parse().ok().filter(|table| *table != 0)?;
    let origin = (table, value(":resorigcol")?.parse().ok()?);
    Some((value(":resno")?.parse().ok()?, origin)).filter(|_| value(":resjunk") == Some("false"))
}

#[cfg(test)]
mod tests {
    use super::origins_in;

    #[test]
    fn columns_of_the_outermost_query_that_stand_for_themselves() {
        let rule = r"({QUERY :commandType 1 :rtable ({RANGETBLENTRY :subquery {QUERY :targetList ({TARGETENTRY :expr {VAR :varno 1}
             :resno 9 :resname inner :ressortgroupref 0 :resorigtbl 7 :resorigcol 7 :resjunk false})}})
             :targetList ({TARGETENTRY :expr {VAR :varno 1 :location 7} :resno 1 :resname id :ressortgroupref 0 :resorigtbl 16390
             :resorigcol 3 :resjunk false} {TARGETENTRY :expr {FUNCEXPR :args ({VAR :varno 1} {CONST :constvalue 4 [ 1 0 ]})}
             :resno 2 :resname a\ {name\} :ressortgroupref 0 :resorigtbl 0 :resorigcol 0 :resjunk false} {TARGETENTRY :expr {VAR}
             :resno 3 :resname \}\(:resno :ressortgroupref 1 :resorigtbl 16391 :resorigcol 1 :resjunk false} {TARGETENTRY :expr {VAR}
             :resno 4 :resname <> :ressortgroupref 1 :resorigtbl 16391 :resorigcol 2 :resjunk true}) :override 0})";
        let rule = rule.replace(r"a\ {name\}", r"a\ \{name\}");
        assert_eq!(origins_in(&rule), [(1, (16390, 3)), (3, (16391, 1))]);
        for damaged in ["", "}", "({QUERY", r"\", "({QUERY :targetList ({TARGETENTRY :expr :resno", "<>"] {
            assert_eq!(origins_in(damaged), []);
        }
    }
}

//! Functions that take one row of a relation and answer rows of a relation. Their argument needs no name, so they are
//! not always among those that can be called.

use tokio_postgres::Row;

use super::name;
use crate::Result;
use crate::rest::catalogue::ComputedRelationship;

/// Partitions are no relations of the catalogue, so neither are their rows here.
pub(super) const COMPUTED: &str = "
    select n.nspname::text, p.proname::text, an.nspname::text, ac.relname::text, rn.nspname::text, rc.relname::text,
           not p.proretset or p.prorows = 1
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace and n.nspname = any($1)
    join pg_type a on a.oid = p.proargtypes[0]
    join pg_class ac on ac.oid = a.typrelid and ac.relkind in ('r', 'p', 'f', 'v', 'm') and not ac.relispartition
    join pg_namespace an on an.oid = ac.relnamespace and an.nspname = any($1)
    join pg_type r on r.oid = p.prorettype
    join pg_class rc on rc.oid = r.typrelid and rc.relkind in ('r', 'p', 'f', 'v', 'm') and not rc.relispartition
    join pg_namespace rn on rn.oid = rc.relnamespace and rn.nspname = any($1)
    where p.prokind = 'f' and p.pronargs = 1
    order by n.nspname, p.proname, p.oid";

pub(super) fn computed(row: &Row) -> Result<ComputedRelationship> {
    Ok(ComputedRelationship {
        function: name(row, 0)?,
        from: name(row, 2)?,
        to: name(row, 4)?,
        to_one: row.try_get(6)?,
    })
}

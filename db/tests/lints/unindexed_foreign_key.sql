-- Deleting a row looks for those that refer to it. An index that begins with one of the key's columns finds them, unless
-- that column is org_id, which leaves too many: then the next must be one of them too. Partial ones do where every
-- reference is in them: those over "column is not null".
select pg_temp.equal('foreign keys that no index serves', string_agg(f.conrelid::regclass || ' (' || f.columns || ')', ', ' order by f.conrelid::regclass::text, f.columns), null)
from (
  select k.conrelid, k.conkey,
         (select a.attnum from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'org_id') as org,
         (select string_agg(a.attname, ', ' order by array_position(k.conkey, a.attnum)) from pg_attribute a
          where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) as columns
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where k.contype = 'f' and k.connamespace::regnamespace::text in ('registry', 'ops', 'metrics') and not c.relispartition
) f
where not exists (
  select from pg_index i
  where i.indrelid = f.conrelid and i.indisvalid
    and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$')
    and i.indkey[0] = any (f.conkey)
    and (i.indkey[0] is distinct from f.org or cardinality(f.conkey) = 1 or i.indkey[1] = any (f.conkey)));

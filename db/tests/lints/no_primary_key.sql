-- Every table has a primary key: rows can be named, replicated, and upserted.
select pg_temp.equal('tables without a primary key', string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text), null)
from pg_class c
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p') and not c.relispartition
  and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p');

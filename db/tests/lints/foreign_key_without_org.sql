-- The composite key keeps rows within their org.
select pg_temp.equal('foreign keys between tenant tables without org_id',
  string_agg(c.conrelid::regclass || ' → ' || c.confrelid::regclass, ', ' order by c.conrelid::regclass::text), null)
from pg_constraint c
where c.contype = 'f' and c.connamespace::regnamespace::text in ('registry', 'ops', 'metrics')
  and exists (select from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'org_id' and not a.attisdropped)
  and not exists (select from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname = 'org_id');

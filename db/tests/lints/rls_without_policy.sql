-- Row level security without a policy answers nobody: right where people have no grant either, else a table that was forgotten.
select pg_temp.equal('tables that people are granted and no policy shows them',
  string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text), null)
from pg_class c
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p') and c.relrowsecurity
  and (has_any_column_privilege('authenticated', c.oid, 'select, insert, update') or has_table_privilege('authenticated', c.oid, 'delete'))
  and not exists (select from pg_policy p where p.polrelid = c.oid);

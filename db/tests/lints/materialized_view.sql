-- A materialized view has no row level security: people must not reach one.
select pg_temp.equal('materialized views that people may read', string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text), null)
from pg_class c, unnest(array['anon', 'authenticated']) role
where c.relnamespace::regnamespace::text in ('public', 'registry', 'ops', 'metrics') and c.relkind = 'm'
  and has_any_column_privilege(role, c.oid, 'select');

-- A foreign table has no row level security: people must not reach one.
select pg_temp.equal('foreign tables that people may read', string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text), null)
from pg_class c, unnest(array['anon', 'authenticated']) role
where c.relnamespace::regnamespace::text in ('public', 'registry', 'ops', 'metrics') and c.relkind = 'f'
  and has_any_column_privilege(role, c.oid, 'select');

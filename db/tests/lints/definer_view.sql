-- Views ask as the caller, or row level security would be the owner's.
select pg_temp.equal('views without security_invoker', string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text), null)
from pg_class c
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind = 'v'
  and not coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false);

-- A table without autovacuum grows without end.
select pg_temp.equal('tables that are never vacuumed', string_agg(c.oid::regclass::text, ', '), null)
from pg_class c, pg_options_to_table(c.reloptions) o
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and o.option_name = 'autovacuum_enabled' and not o.option_value::boolean;

-- Every function pins an empty search_path, so that nobody's schema can slip an object of its own under its names.
select pg_temp.equal('functions that do not set search_path = ''''', string_agg(p.oid::regprocedure::text, ', ' order by p.oid::regprocedure::text), null)
from pg_proc p
where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics')
  and not exists (select from unnest(p.proconfig) s where s in ('search_path=""', 'search_path='));

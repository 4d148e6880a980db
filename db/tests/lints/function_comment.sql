-- Every function says what it does for whom.
select pg_temp.equal('functions without a comment', string_agg(p.oid::regprocedure::text, ', ' order by p.oid::regprocedure::text), null)
from pg_proc p
where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics') and obj_description(p.oid, 'pg_proc') is null;

-- No function is open to public or anon, least of all one that runs with its owner's rights.
select pg_temp.equal('functions that public or anon may call', string_agg(p.oid::regprocedure::text, ', ' order by p.oid::regprocedure::text), null)
from pg_proc p
where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics')
  and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0 and a.privilege_type = 'EXECUTE')
       or has_function_privilege('anon', p.oid, 'execute'));

-- A policy that is true for every row is none.
select pg_temp.equal('policies that let everything through', string_agg(tablename || '.' || policyname, ', ' order by tablename, policyname), null)
from pg_policies
where schemaname in ('registry', 'ops', 'metrics') and permissive = 'PERMISSIVE'
  and (btrim(qual, ' ()') = 'true' or btrim(with_check, ' ()') = 'true');

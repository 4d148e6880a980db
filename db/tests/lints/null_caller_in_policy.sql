-- A policy that holds where nobody is signed in (auth.uid() is null or …) is open to everybody who leaves the token out.
select pg_temp.equal('policies that hold for callers without an id', string_agg(tablename || '.' || policyname, ', ' order by tablename, policyname), null)
from pg_policies
where schemaname in ('registry', 'ops', 'metrics')
  and concat_ws(' ', qual, with_check) ~* 'auth\.(uid|jwt|role)\(\)( as \w+)?\)?( ->> [^ ]+)?\)? is null';

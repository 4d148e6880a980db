-- auth.uid(), auth.jwt() and settings stand in policies as (select …), or they are worked out anew for every row.
select pg_temp.equal('policies that ask who is calling once a row', string_agg(tablename || '.' || policyname, ', ' order by tablename, policyname), null)
from (select *, concat_ws(' ', qual, with_check) as text from pg_policies where schemaname in ('registry', 'ops', 'metrics')) p
where regexp_replace(text, 'select\s+(auth\.\w+\(\)|(pg_catalog\.)?current_setting\([^)]*\))', '', 'gi')
      ~* '(auth\.(uid|jwt|role|email)\(|current_setting\()';

-- People write their own user_metadata: no policy and no function decides by it.
select pg_temp.equal('what decides by user_metadata', string_agg(name, ', ' order by name), null)
from (
  select tablename || '.' || policyname from pg_policies
  where schemaname in ('registry', 'ops', 'metrics') and concat_ws(' ', qual, with_check) ~* 'user_meta_?data'
  union all
  select p.oid::regprocedure::text from pg_proc p
  where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics') and p.prosrc ~* 'jwt\(\)[^;]*user_meta_?data'
) o (name);

-- Policies compare with a list that is looked up once a statement, and are for people who are signed in.
select pg_temp.equal('policies that do not compare org_id with a list looked up once, or are for other roles',
  string_agg(tablename || '.' || policyname, ', ' order by tablename, policyname), null)
from pg_policies
where schemaname in ('registry', 'ops', 'metrics')
  and (coalesce(qual, with_check) !~ 'ANY \(ARRAY\( ?SELECT' or roles <> '{authenticated}');

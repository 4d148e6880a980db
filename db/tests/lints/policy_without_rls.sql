-- A policy of a table whose row level security is off protects nothing and looks as if it did.
select pg_temp.equal('tables with policies that are not in force', string_agg(distinct c.oid::regclass::text, ', '), null)
from pg_policy p join pg_class c on c.oid = p.polrelid
where not c.relrowsecurity;

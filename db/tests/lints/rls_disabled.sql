-- Row level security is on for every table and partition, whoever may name them now: a grant is quickly made.
select pg_temp.equal('tables without row level security (add db/policies/<table>.sql)',
  string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text), null)
from pg_class c
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p') and not c.relrowsecurity;

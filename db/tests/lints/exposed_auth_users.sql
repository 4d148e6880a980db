-- No view shows auth.users: it would carry every tenant's addresses past that table's own protection.
select pg_temp.equal('views of auth.users that people may read', string_agg(distinct c.oid::regclass::text, ', '), null)
from pg_depend d
join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
join pg_class c on c.oid = r.ev_class
where d.refclassid = 'pg_class'::regclass and d.refobjid = 'auth.users'::regclass and c.relkind in ('v', 'm')
  and (has_any_column_privilege('anon', c.oid, 'select') or has_any_column_privilege('authenticated', c.oid, 'select'));

-- Columns of types that name catalogue objects (regproc and its like) keep a database from being upgraded by pg_upgrade.
select pg_temp.equal('columns whose types pg_upgrade refuses', string_agg(a.attrelid::regclass || '.' || a.attname, ', '), null)
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped
  and a.atttypid in ('regcollation'::regtype, 'regconfig'::regtype, 'regdictionary'::regtype, 'regnamespace'::regtype, 'regoper'::regtype,
                     'regoperator'::regtype, 'regproc'::regtype, 'regprocedure'::regtype);

-- What an interrupted build of an index left behind is written to and never read.
select pg_temp.equal('indexes that are not valid', string_agg(i.indexrelid::regclass::text, ', '), null)
from pg_index i join pg_class c on c.oid = i.indrelid
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and not i.indisvalid;

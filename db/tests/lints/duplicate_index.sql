-- Two indexes of one shape cost every write twice and serve no read more.
select pg_temp.equal('indexes of one shape', string_agg(names, '; '), null)
from (
  select string_agg(i.indexrelid::regclass::text, ' and ' order by i.indexrelid::regclass::text) as names
  from pg_index i join pg_class c on c.oid = i.indrelid
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics')
  group by i.indrelid, i.indkey::text, i.indclass::text, i.indoption::text, i.indcollation::text,
           pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
  having count(*) > 1
) d;

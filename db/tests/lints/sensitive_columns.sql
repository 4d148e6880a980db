-- Secrets and hashes are in no column that people may read.
select pg_temp.equal('secret columns that people may read', string_agg(a.attrelid::regclass || '.' || a.attname, ', ' order by a.attrelid::regclass::text, a.attname), null)
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and a.attnum > 0 and not a.attisdropped
  and (a.attname ~ '(token_hash|key_hash|password|passwd|sealed|secret|private_key|api_key|credential)' or a.atttypid = 'bytea'::regtype)
  and (has_column_privilege('authenticated', a.attrelid, a.attnum, 'select') or has_column_privilege('anon', a.attrelid, a.attnum, 'select'));

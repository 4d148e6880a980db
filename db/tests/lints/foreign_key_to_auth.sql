-- Foreign keys into auth name its primary keys: Supabase changes other unique constraints of its tables as it likes.
select pg_temp.equal('foreign keys to other keys of auth than the primary ones', string_agg(f.conrelid::regclass || '.' || f.conname, ', '), null)
from pg_constraint f
join pg_class t on t.oid = f.confrelid
where f.contype = 'f' and t.relnamespace = 'auth'::regnamespace
  and not exists (select from pg_constraint k where k.contype = 'p' and k.conrelid = f.confrelid and k.conkey @> f.confkey and k.conkey <@ f.confkey);

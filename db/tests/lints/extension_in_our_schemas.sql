-- Extensions stand in schemas of their own: in these, their functions would be part of the API.
select pg_temp.equal('extensions in schemas that are served', string_agg(extname, ', '), null)
from pg_extension
where extnamespace::regnamespace::text in ('public', 'registry', 'ops', 'metrics');

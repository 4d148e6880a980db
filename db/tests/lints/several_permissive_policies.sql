-- One policy for a role and a command: all of several are worked out for every row, and who reads them must add them up.
select pg_temp.equal('several permissive policies for one command', string_agg(format('%s for %s', polrelid::regclass, command), ', '), null)
from (
  select p.polrelid, command, role
  from pg_policy p, unnest(p.polroles) role, unnest(case p.polcmd when '*' then array['r', 'a', 'w', 'd'] else array[p.polcmd::text] end) command
  where p.polpermissive
  group by p.polrelid, command, role
  having count(*) > 1
) s;

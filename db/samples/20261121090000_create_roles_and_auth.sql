-- Samples are two orgs of the same make, in ids told apart by their first digits: a0… and b0….
-- Every following migration must survive them; the isolation proof shows that neither org sees the other's, on databases in
-- use too: it replaces the end of every id, …-4000-8000-000000000000, and what makes texts unique, which is that they begin
-- with 'sample', end in .example, or are hashes made in the file. Rows of earlier samples are found by these ids, never by others.
insert into auth.users (id, email)
select (org || n || '000000-0000-4000-8000-000000000000')::uuid, role || '@' || org || '.example'
from (values ('a'), ('b')) o(org), (values ('1', 'owner'), ('2', 'admin'), ('3', 'developer'), ('4', 'viewer'), ('5', 'removed')) r(n, role);

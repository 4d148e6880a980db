-- Samples are two orgs of the same make, in ids told apart by their first digits: a0… and b0….
-- Every following migration must survive them; the isolation test shows that neither org sees the other's.
insert into auth.users (id, email)
select (org || n || '000000-0000-4000-8000-000000000000')::uuid, role || '@' || org || '.example'
from (values ('a'), ('b')) o(org), (values ('1', 'owner'), ('2', 'admin'), ('3', 'developer'), ('4', 'viewer'), ('5', 'removed')) r(n, role);

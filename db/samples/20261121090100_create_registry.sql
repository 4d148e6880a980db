insert into registry.orgs (id, name, slug)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'Sample ' || org, 'sample-' || org
from (values ('a'), ('b')) o(org);

insert into registry.org_members (org_id, user_id, role, status)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || n || '000000-0000-4000-8000-000000000000')::uuid, role, status
from (values ('a'), ('b')) o(org),
     (values ('1', 'owner', 'active'), ('2', 'admin', 'active'), ('3', 'developer', 'active'), ('4', 'viewer', 'active'),
             ('5', 'developer', 'removed')) r(n, role, status);

insert into registry.api_tokens (org_id, name, prefix, token_hash, scopes, created_by)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'ci', 'plim_api_' || org, sha256(convert_to('token ' || org, 'UTF8')),
       array['read', 'build'], (org || '1000000-0000-4000-8000-000000000000')::uuid
from (values ('a'), ('b')) o(org);

insert into registry.credentials (user_id, password_hash)
select (org || '1000000-0000-4000-8000-000000000000')::uuid, '$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxl$c2FtcGxl'
from (values ('a'), ('b')) o(org);

insert into registry.sessions (token_hash, user_id, user_agent, expires_at)
select sha256(convert_to('session ' || org, 'UTF8')), (org || '1000000-0000-4000-8000-000000000000')::uuid, 'Sample/1.0', now() + interval '1 day'
from (values ('a'), ('b')) o(org);

insert into registry.signin_links (token_hash, user_id, purpose, org_id, expires_at)
select sha256(convert_to(purpose || org, 'UTF8')), (org || '4000000-0000-4000-8000-000000000000')::uuid, purpose,
       case purpose when 'invite' then (org || '0000000-0000-4000-8000-000000000000')::uuid end, now() + interval '1 day'
from (values ('a'), ('b')) o(org), (values ('signin'), ('invite')) p(purpose);

insert into registry.webhook_secrets (org_id, provider, sealed, previous_sealed)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'github', '\x01', '\x02'
from (values ('a'), ('b')) o(org);

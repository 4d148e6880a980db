-- Revoked ones: there is one of a kind in use, and where the isolation proof runs that is the server's.
insert into registry.server_keys (id, kind, key_hash, sealed, public_jwk, revoked_at)
select gen_random_uuid(), kind, sha256(convert_to(kind || n, 'UTF8')), '\x01',
       case kind when 'signing' then '{"kty": "EC", "crv": "P-256"}'::jsonb end, now()
from (values ('publishable'), ('secret'), ('ingest'), ('advisory'), ('signing')) k(kind), generate_series(1, 2) n;

insert into registry.auth_sessions (id, user_id, user_agent, method, expires_at)
select (org || '0000000-4444-4000-8000-000000000000')::uuid, (org || '1000000-0000-4000-8000-000000000000')::uuid, 'Sample/1.0', 'password', now() + interval '1 day'
from (values ('a'), ('b')) o(org);

insert into registry.refresh_tokens (token_hash, session_id)
select sha256(convert_to('refresh ' || org, 'UTF8')), (org || '0000000-4444-4000-8000-000000000000')::uuid
from (values ('a'), ('b')) o(org);

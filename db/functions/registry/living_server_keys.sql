create or replace function registry.living_server_keys()
  returns table (id uuid, kind text, key_hash bytea, sealed bytea, public_jwk jsonb, created_at timestamptz,
                 superseded_at timestamptz, last_used_at timestamptz)
  language sql stable security definer
  set search_path = ''
as $$
  select k.id, k.kind, k.key_hash, k.sealed, k.public_jwk, k.created_at, k.superseded_at, k.last_used_at
  from registry.server_keys k
  where k.revoked_at is null
  order by k.kind, k.superseded_at is not null, k.created_at desc;
$$;
comment on function registry.living_server_keys() is
  'The installation''s keys that are good, by kind, the one in use before the one it followed.';
revoke all on function registry.living_server_keys() from public, anon, authenticated;
grant execute on function registry.living_server_keys() to service_role;

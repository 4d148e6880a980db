create or replace function registry.ensure_server_key(p_id uuid, p_kind text, p_hash bytea, p_sealed bytea, p_public_jwk jsonb)
  returns void
  language sql security definer
  set search_path = ''
as $$
  insert into registry.server_keys (id, kind, key_hash, sealed, public_jwk)
  values (p_id, p_kind, p_hash, p_sealed, p_public_jwk)
  -- Replicas that start at once all bring one; the first stays.
  on conflict do nothing;
$$;
comment on function registry.ensure_server_key(uuid, text, bytea, bytea, jsonb) is
  'Stores a key unless there is one of its kind in use already.';
revoke all on function registry.ensure_server_key(uuid, text, bytea, bytea, jsonb) from public, anon, authenticated;
grant execute on function registry.ensure_server_key(uuid, text, bytea, bytea, jsonb) to service_role;

create or replace function registry.rotate_server_key(p_id uuid, p_kind text, p_hash bytea, p_sealed bytea, p_public_jwk jsonb)
  returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  -- Two rotations at once: one follows the other, and the keys of both are alive.
  perform pg_advisory_xact_lock(hashtextextended('registry.rotate_server_key:' || p_kind, 0));
  update registry.server_keys k set revoked_at = now()
  where k.kind = p_kind and k.superseded_at is not null and k.revoked_at is null;
  update registry.server_keys k set superseded_at = now()
  where k.kind = p_kind and k.superseded_at is null and k.revoked_at is null;
  insert into registry.server_keys (id, kind, key_hash, sealed, public_jwk)
  values (p_id, p_kind, p_hash, p_sealed, p_public_jwk);
end
$$;
comment on function registry.rotate_server_key(uuid, text, bytea, bytea, jsonb) is
  'Puts a new key in use. The one so far is good until the next change; the one before that ends now.';
revoke all on function registry.rotate_server_key(uuid, text, bytea, bytea, jsonb) from public, anon, authenticated;
grant execute on function registry.rotate_server_key(uuid, text, bytea, bytea, jsonb) to service_role;

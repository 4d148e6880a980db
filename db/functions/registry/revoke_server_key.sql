create or replace function registry.revoke_server_key(p_id uuid) returns boolean
  language plpgsql security definer
  set search_path = ''
as $$
begin
  update registry.server_keys k set revoked_at = now() where k.id = p_id and k.revoked_at is null;
  return found;
end
$$;
comment on function registry.revoke_server_key(uuid) is 'Ends a key; false when there is no such key that is good.';
revoke all on function registry.revoke_server_key(uuid) from public, anon, authenticated;
grant execute on function registry.revoke_server_key(uuid) to service_role;

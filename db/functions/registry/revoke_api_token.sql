create or replace function registry.revoke_api_token(p_token_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_token registry.api_tokens;
begin
  select t.* into v_token from registry.api_tokens t where t.id = p_token_id;
  -- One's own tokens oneself; a token ends no other but as an admin, whoever made it.
  if v_token.created_by is distinct from auth.uid()
     or auth.jwt() ? 'plimsoll_token_id' and auth.jwt() ->> 'plimsoll_token_id' is distinct from p_token_id::text then
    perform registry.require_role(v_token.org_id, 'admin', 'token');
  else
    perform registry.require_role(v_token.org_id, 'viewer', 'token');
  end if;
  if v_token.revoked_at is not null then
    return;
  end if;
  update registry.api_tokens t set revoked_at = now() where t.id = p_token_id;
  perform ops.audit(v_token.org_id, 'token.revoked', 'token:' || p_token_id, jsonb_build_object('name', v_token.name));
end
$$;
comment on function registry.revoke_api_token(uuid) is
  'Ends a token at once. Admins may end every token of the org, other people their own, and a token itself.';
revoke all on function registry.revoke_api_token(uuid) from public, anon;
grant execute on function registry.revoke_api_token(uuid) to authenticated, service_role;

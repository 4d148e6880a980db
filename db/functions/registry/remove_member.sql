create or replace function registry.remove_member(p_org_id uuid, p_user_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_role text;
begin
  -- Anybody may leave, but not by a token's hand.
  if p_user_id is distinct from auth.uid() or auth.jwt() ? 'plimsoll_token_id' then
    perform registry.require_role(p_org_id, 'admin', 'organisation');
  else
    perform registry.require_role(p_org_id, 'viewer', 'organisation');
  end if;
  perform 1 from registry.orgs o where o.id = p_org_id for no key update;
  select m.role into v_role from registry.org_members m
  where m.org_id = p_org_id and m.user_id = p_user_id and m.status <> 'removed';
  if v_role is null then
    raise sqlstate 'PT404' using message = 'there is no such member';
  end if;
  if v_role = 'owner' then
    perform registry.require_role(p_org_id, 'owner', 'organisation');
    perform registry.require_other_owner(p_org_id, p_user_id);
  end if;
  update registry.org_members m set status = 'removed', updated_at = now() where m.org_id = p_org_id and m.user_id = p_user_id;
  update registry.api_tokens t set revoked_at = now()
  where t.org_id = p_org_id and t.created_by = p_user_id and t.revoked_at is null;
  delete from registry.signin_links l where l.org_id = p_org_id and l.user_id = p_user_id;
  perform ops.audit(p_org_id, 'member.removed', 'user:' || p_user_id,
    jsonb_build_object('role', v_role, 'email', (select u.email from auth.users u where u.id = p_user_id)));
end
$$;
comment on function registry.remove_member(uuid, uuid) is
  'Removes a member, at once for every request, and revokes their tokens in the org. Members may remove themselves; the last owner stays.';
revoke all on function registry.remove_member(uuid, uuid) from public, anon;
grant execute on function registry.remove_member(uuid, uuid) to authenticated, service_role;

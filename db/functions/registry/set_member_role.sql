create or replace function registry.set_member_role(p_org_id uuid, p_user_id uuid, p_role text) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_present text;
begin
  perform registry.require_role(p_org_id, 'admin', 'organisation');
  if p_role is null or p_role not in ('viewer', 'developer', 'admin', 'owner') then
    raise sqlstate 'PT400' using message = 'a role is one of viewer, developer, admin, owner';
  end if;
  perform 1 from registry.orgs o where o.id = p_org_id for no key update;
  select m.role into v_present from registry.org_members m
  where m.org_id = p_org_id and m.user_id = p_user_id and m.status <> 'removed';
  if v_present is null then
    raise sqlstate 'PT404' using message = 'there is no such member';
  end if;
  if v_present = p_role then
    return;
  end if;
  if 'owner' in (v_present, p_role) then
    perform registry.require_role(p_org_id, 'owner', 'organisation');
  end if;
  if v_present = 'owner' then
    perform registry.require_other_owner(p_org_id, p_user_id);
  end if;
  update registry.org_members m set role = p_role, updated_at = now() where m.org_id = p_org_id and m.user_id = p_user_id;
  perform ops.audit(p_org_id, 'member.role_changed', 'user:' || p_user_id, jsonb_build_object('from', v_present, 'to', p_role));
end
$$;
comment on function registry.set_member_role(uuid, uuid, text) is
  'Changes a member''s role. Only owners make or unmake owners; the last one stays.';
revoke all on function registry.set_member_role(uuid, uuid, text) from public, anon;
grant execute on function registry.set_member_role(uuid, uuid, text) to authenticated, service_role;

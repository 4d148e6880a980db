create or replace function registry.require_role(p_org_id uuid, p_min_role text, p_noun text) returns void
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  -- The server has every role, even in an org that is not there.
  if not registry.has_role(p_org_id, 'viewer') or not exists (select from registry.orgs o where o.id = p_org_id) then
    raise sqlstate 'PT404' using message = format('there is no such %s', p_noun),
      hint = 'check the id, and that you are a member of its organisation';
  end if;
  if not registry.has_role(p_org_id, p_min_role) then
    raise sqlstate 'PT403' using
      message = format('this needs the role %s in the organisation; yours is %s', p_min_role, registry.member_role(p_org_id)),
      hint = 'ask an admin of the organisation';
  end if;
end
$$;
comment on function registry.require_role(uuid, text, text) is
  'Raises unless the caller has at least this role: PT404 to strangers, as if the row (p_noun) did not exist, PT403 to members.';
revoke all on function registry.require_role(uuid, text, text) from public, anon, authenticated;
grant execute on function registry.require_role(uuid, text, text) to service_role;

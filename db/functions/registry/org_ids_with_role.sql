create or replace function registry.org_ids_with_role(p_min_role text) returns setof uuid
  language sql stable security definer
  set search_path = ''
  rows 3
as $$
  select m.org_id
  from registry.org_members m
  where m.user_id = auth.uid() and m.status = 'active'
    and array_position(array['viewer', 'developer', 'admin', 'owner'], registry.member_role(m.org_id))
      >= array_position(array['viewer', 'developer', 'admin', 'owner'], p_min_role);
$$;
comment on function registry.org_ids_with_role(text) is
  'The orgs in which the caller has at least this role, as a token''s scopes cap it. Policies compare org_id with it.';
revoke all on function registry.org_ids_with_role(text) from public, anon;
grant execute on function registry.org_ids_with_role(text) to authenticated, service_role;

create or replace function registry.has_role(p_org_id uuid, p_min_role text) returns boolean
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  return registry.is_service()
    or coalesce(
      array_position(array['viewer', 'developer', 'admin', 'owner'], registry.member_role(p_org_id))
        >= array_position(array['viewer', 'developer', 'admin', 'owner'], p_min_role),
      false);
end
$$;
comment on function registry.has_role(uuid, text) is
  'Whether the caller has at least this role in the org. The server itself has every role.';
revoke all on function registry.has_role(uuid, text) from public, anon;
grant execute on function registry.has_role(uuid, text) to authenticated, service_role;

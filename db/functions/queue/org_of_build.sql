create or replace function ops.org_of_build(p_build_id uuid, p_min_role text) returns uuid
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  select org_id into v_org_id from ops.builds where id = p_build_id;
  perform registry.require_role(v_org_id, p_min_role, 'build');
  return v_org_id;
end
$$;
comment on function ops.org_of_build(uuid, text) is
  'The org of a build on which the caller has at least this role. PT404 for a build it cannot see, PT403 where the role is lacking.';
revoke all on function ops.org_of_build(uuid, text) from public, anon, authenticated;

create or replace function ops.org_of_project(p_project_id uuid, p_min_role text) returns uuid
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  select p.org_id into v_org_id from ops.projects p where p.id = p_project_id;
  perform registry.require_role(v_org_id, p_min_role, 'project');
  return v_org_id;
end
$$;
comment on function ops.org_of_project(uuid, text) is
  'The org of a project on which the caller has at least this role. PT404 for a project it cannot see, PT403 where the role is lacking.';
revoke all on function ops.org_of_project(uuid, text) from public, anon, authenticated;

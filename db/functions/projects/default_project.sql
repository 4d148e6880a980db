create or replace function ops.default_project(p_org_id uuid default null) returns uuid
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_found uuid[];
  v_orgs uuid[] := array(select registry.org_ids_with_role('developer'));
begin
  v_found := array(
    select p.id from ops.projects p
    where p.status = 'active' and (p_org_id is null or p.org_id = p_org_id)
      and (registry.is_service() or p.org_id = any (v_orgs))
    limit 2);
  if cardinality(v_found) = 1 then
    return v_found[1];
  elsif cardinality(v_found) > 1 then
    raise sqlstate 'PT400' using message = 'there are several projects: say which by adding project_id (in deployment_logs: venture_id)',
      hint = 'ops.list_projects() answers their ids';
  elsif exists (select from ops.my_org_ids() o(id) where coalesce(o.id = p_org_id and o.id <> all (v_orgs), v_orgs = '{}')) then
    raise sqlstate 'PT403' using message = 'this needs the role developer in the organisation',
      hint = 'ask an admin of the organisation';
  end if;
  raise sqlstate 'PT400' using message = 'there is no active project to add this to: create one, or add project_id (in deployment_logs: venture_id)',
    hint = 'ops.create_project adds a project, ops.list_projects() answers those there are';
end
$$;
comment on function ops.default_project(uuid) is
  'The project that a record goes to when its sender names none: the only active one of the caller (of its API token''s org), or of p_org_id. PT400 where there are several or none. Developer and up.';
revoke all on function ops.default_project(uuid) from public, anon;
grant execute on function ops.default_project(uuid) to authenticated, service_role;

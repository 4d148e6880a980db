create or replace function ops.request_sync(p_project_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_project ops.projects;
begin
  select p.* into v_project from ops.projects p where p.id = p_project_id;
  perform registry.require_role(v_project.org_id, 'developer', 'project');
  if v_project.status <> 'active' then
    raise sqlstate 'PT409' using message = format('the project is %s; only an active one is read', v_project.status);
  end if;
  update ops.projects p set sync_requested_at = clock_timestamp() where p.id = p_project_id;
  perform ops.audit(v_project.org_id, 'project.sync_requested', 'project:' || p_project_id);
end
$$;
comment on function ops.request_sync(uuid) is 'Asks for the branches to be read from the repository again, soon.';
revoke all on function ops.request_sync(uuid) from public, anon;
grant execute on function ops.request_sync(uuid) to authenticated, service_role;

create or replace function ops.archive_project(p_project_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_project ops.projects;
  v_build_id uuid;
begin
  select p.* into v_project from ops.projects p where p.id = p_project_id;
  perform registry.require_role(v_project.org_id, 'admin', 'project');
  if v_project.status = 'archived' then
    return;
  end if;
  -- The lane first, as everything that touches the queue does.
  perform 1 from ops.queue_lanes l where l.org_id = v_project.org_id for update;
  for v_build_id in
    select b.id from ops.builds b
    where b.project_id = p_project_id and b.status in ('queued', 'running')
  loop
    perform ops.request_cancel(v_build_id);
  end loop;
  update ops.projects p set status = 'archived', sync_requested_at = null, updated_at = now() where p.id = p_project_id;
  perform ops.audit(v_project.org_id, 'project.archived', 'project:' || p_project_id, jsonb_build_object('name', v_project.name));
end
$$;
comment on function ops.archive_project(uuid) is
  'Takes a project out of use: its unfinished builds are cancelled and no new ones are taken. Its history stays.';
revoke all on function ops.archive_project(uuid) from public, anon;
grant execute on function ops.archive_project(uuid) to authenticated, service_role;

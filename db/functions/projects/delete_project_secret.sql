create or replace function ops.delete_project_secret(p_project_id uuid, p_name text) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  select p.org_id into v_org_id from ops.projects p where p.id = p_project_id;
  perform registry.require_role(v_org_id, 'admin', 'project');
  delete from ops.project_secrets s where s.project_id = p_project_id and s.name = p_name;
  if not found then
    raise sqlstate 'PT404' using message = format('the project has no secret %s', coalesce(p_name, 'without a name'));
  end if;
  perform ops.audit(v_org_id, 'secret.deleted', 'project:' || p_project_id, jsonb_build_object('name', p_name));
end
$$;
comment on function ops.delete_project_secret(uuid, text) is 'Deletes a build secret.';
revoke all on function ops.delete_project_secret(uuid, text) from public, anon;
grant execute on function ops.delete_project_secret(uuid, text) to authenticated, service_role;

create or replace function ops.list_project_secrets(p_project_id uuid)
  returns table (name text, updated_by uuid, updated_by_email text, updated_at timestamptz)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform registry.require_role((select p.org_id from ops.projects p where p.id = p_project_id), 'admin', 'project');
  return query
    select s.name, s.updated_by, u.email::text, s.updated_at
    from ops.project_secrets s left join auth.users u on u.id = s.updated_by
    where s.project_id = p_project_id order by s.name;
end
$$;
comment on function ops.list_project_secrets(uuid) is 'The names of a project''s build secrets, never their values.';
revoke all on function ops.list_project_secrets(uuid) from public, anon;
grant execute on function ops.list_project_secrets(uuid) to authenticated, service_role;

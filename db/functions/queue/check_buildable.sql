create or replace function ops.check_buildable(p_project_id uuid, p_branch_id uuid) returns void
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_found record;
begin
  select p.slug, p.status as project_status, b.name, b.status as branch_status into v_found
    from ops.projects p join ops.branches b on b.project_id = p.id where p.id = p_project_id and b.id = p_branch_id;
  if not found then
    raise sqlstate 'PT404' using message = format('branch %s does not exist in project %s', p_branch_id, p_project_id),
      hint = 'Sync the project if the branch is new.';
  elsif v_found.project_status <> 'active' then
    raise sqlstate 'PT409' using message = format('project %s is %s: only active projects build', v_found.slug, v_found.project_status);
  elsif v_found.branch_status = 'archived' then
    raise sqlstate 'PT409' using message = format('branch %s is archived: push to it again, then sync the project', v_found.name);
  end if;
end
$$;
comment on function ops.check_buildable(uuid, uuid) is
  'Raises unless the branch is one of the project and neither is archived or suspended. The caller has checked that the project may be seen.';
revoke all on function ops.check_buildable(uuid, uuid) from public, anon, authenticated;

create or replace function ops.push_branch(
    p_project_id uuid, p_key text, p_branch text, p_sha text, p_message text, p_author text,
    p_pushed_at timestamptz, p_deleted boolean)
  returns text
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_project ops.projects;
  v_branch ops.branches;
  v_response jsonb;
begin
  select p.* into v_project from ops.projects p where p.id = p_project_id for no key update;
  select b.* into v_branch from ops.branches b where b.project_id = p_project_id and b.name = p_branch for no key update;
  if v_branch.head_pushed_at > p_pushed_at then
    return format('%s ignored, a later push was seen already', p_branch);
  end if;
  if p_deleted then
    update ops.branches b set status = 'archived', head_pushed_at = p_pushed_at, updated_at = now() where b.id = v_branch.id;
    return format('%s %s', p_branch, case when found then 'archived' else 'deleted before it was known' end);
  end if;
  if v_branch.id is null then
    insert into ops.branches as b (org_id, project_id, name, stage, git_ref, head_sha, head_pushed_at)
    values (v_project.org_id, p_project_id, p_branch, ops.first_stage(p_project_id, p_branch, v_project.default_branch),
            'refs/heads/' || p_branch, lower(p_sha), p_pushed_at)
    returning b.* into v_branch;
  else
    update ops.branches b
    set head_sha = lower(p_sha), head_pushed_at = p_pushed_at, updated_at = now(),
        status = case when b.status = 'archived' then 'ready' else b.status end
    where b.id = v_branch.id;
  end if;
  v_response := ops.trigger_build(
    p_project_id => p_project_id, p_branch_id => v_branch.id, p_trigger => 'commit',
    p_commit_sha => lower(p_sha), p_commit_message => p_message, p_idempotency_key => left(p_key || ':' || p_project_id, 255));
  update ops.builds b set commit_author = left(p_author, 300)
  where b.id = (v_response ->> 'build_id')::uuid and b.commit_author is null;
  return format('build %s of %s', v_response ->> 'build_number', p_branch);
end
$$;
comment on function ops.push_branch(uuid, text, text, text, text, text, timestamptz, boolean) is
  'The effect of a push on one project: see ops.apply_push. p_key makes the build once only.';
revoke all on function ops.push_branch(uuid, text, text, text, text, text, timestamptz, boolean) from public, anon, authenticated;
grant execute on function ops.push_branch(uuid, text, text, text, text, text, timestamptz, boolean) to service_role;

create or replace function ops.sync_branches(p_project_id uuid, p_default_branch text, p_branches jsonb)
  returns table (branch_id uuid, name text, change text, head_sha text)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_project ops.projects;
  v_read_at timestamptz;
  v_ref record;
  v_branch ops.branches;
begin
  -- Not `for update`: builds that refer to the project may go on being made.
  select p.* into v_project from ops.projects p where p.id = p_project_id for no key update;
  if v_project.id is null then
    raise sqlstate 'PT404' using message = 'there is no such project';
  end if;
  if jsonb_typeof(p_branches) is distinct from 'array' or jsonb_array_length(p_branches) = 0 then
    raise sqlstate 'PT400' using message = 'a repository without branches archives none: give [{"name": …, "sha": …}, …]';
  end if;
  -- What a push delivered after the reading began is newer than what was read.
  v_read_at := coalesce(v_project.sync_started_at, clock_timestamp());
  for v_branch in
    update ops.branches b set status = 'archived', updated_at = now()
    where b.project_id = p_project_id and b.status <> 'archived'
      and (b.head_pushed_at is null or b.head_pushed_at <= v_read_at)
      and not exists (select from jsonb_to_recordset(p_branches) r(name text) where r.name = b.name)
    returning b.*
  loop
    return query select v_branch.id, v_branch.name, 'archived', v_branch.head_sha;
  end loop;
  -- The repository's default branch was renamed: production goes with it.
  update ops.branches b set stage = 'development'
  where b.project_id = p_project_id and b.is_production and b.status = 'archived'
    and exists (select from jsonb_to_recordset(p_branches) r(name text) where r.name = p_default_branch)
    and not exists (select from ops.branches d where d.project_id = p_project_id and d.name = p_default_branch);
  for v_ref in
    select r.name, lower(r.sha) as sha from jsonb_to_recordset(p_branches) r(name text, sha text)
    where length(r.name) between 1 and 250
    order by r.name <> p_default_branch, r.name
  loop
    select b.* into v_branch from ops.branches b where b.project_id = p_project_id and b.name = v_ref.name for no key update;
    if v_branch.id is null then
      insert into ops.branches as b (org_id, project_id, name, stage, git_ref, head_sha, head_pushed_at)
      values (v_project.org_id, p_project_id, v_ref.name, ops.first_stage(p_project_id, v_ref.name, p_default_branch),
              'refs/heads/' || v_ref.name, v_ref.sha, v_read_at)
      returning b.* into v_branch;
      return query select v_branch.id, v_branch.name, 'added', v_branch.head_sha;
    elsif v_branch.head_pushed_at > v_read_at then
      continue;
    elsif v_branch.status = 'archived' or v_branch.head_sha is distinct from v_ref.sha then
      update ops.branches b
      set head_sha = v_ref.sha, head_pushed_at = v_read_at, git_ref = 'refs/heads/' || v_ref.name, updated_at = now(),
          status = case when b.status = 'archived' then 'ready' else b.status end
      where b.id = v_branch.id;
      return query select v_branch.id, v_branch.name,
        case when v_branch.status = 'archived' then 'restored' else 'moved' end, v_ref.sha;
    end if;
  end loop;
  update ops.projects p
  set synced_at = clock_timestamp(), sync_error = null, sync_started_at = null,
      default_branch = coalesce(nullif(p_default_branch, ''), p.default_branch),
      sync_requested_at = case when p.sync_requested_at > v_read_at then p.sync_requested_at end
  where p.id = p_project_id;
end
$$;
comment on function ops.sync_branches(uuid, text, jsonb) is
  'Makes a project''s branches those of the repository, given as [{"name", "sha"}]; answers what changed: added, moved (another newest commit), restored, archived.';
revoke all on function ops.sync_branches(uuid, text, jsonb) from public, anon, authenticated;
grant execute on function ops.sync_branches(uuid, text, jsonb) to service_role;

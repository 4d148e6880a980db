create or replace function ops.branch_builds(p_branch_id uuid)
  returns table (id uuid, project_id uuid, branch_id uuid, build_number integer, status text, trigger text, commit_sha text,
                 commit_message text, started_at timestamptz, finished_at timestamptz, duration_seconds integer,
                 error_message text, created_by uuid, created_at timestamptz)
  language sql stable security definer
  set search_path = ''
as $$
  select b.id, b.project_id, b.branch_id, b.build_number, b.status, b.trigger, b.commit_sha, b.commit_message,
         b.started_at, b.finished_at, b.duration_seconds, b.error_message, b.created_by, b.created_at
  from ops.builds b
  where b.branch_id = p_branch_id
    and registry.has_role((select r.org_id from ops.branches r where r.id = p_branch_id), 'viewer')
  order by b.created_at desc, b.build_number desc;
$$;
comment on function ops.branch_builds(uuid) is
  'A branch''s builds, newest first; none for a branch that the caller may not see.';
revoke all on function ops.branch_builds(uuid) from public, anon;
grant execute on function ops.branch_builds(uuid) to authenticated, service_role;

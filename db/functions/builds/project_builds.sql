create or replace function ops.project_builds(
  p_project_id uuid, p_branch_id uuid default null, p_status text default null, p_limit integer default 50, p_before timestamptz default null
) returns table (
  id uuid, org_id uuid, project_id uuid, branch_id uuid, branch_name text, stage text, build_number integer, status text, failure_reason text,
  trigger text, commit_sha text, commit_message text, commit_author text, pr_number integer, started_at timestamptz,
  finished_at timestamptz, duration_seconds integer, error_message text, test_results jsonb, cancel_requested boolean,
  created_by uuid, created_at timestamptz
)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  select p.org_id into v_org_id from ops.projects p where p.id = p_project_id;
  perform registry.require_role(v_org_id, 'viewer', 'project');
  -- Branch by branch along builds_branch_created, so that a page costs what it shows however long the history is.
  return query
    select b.id, b.org_id, b.project_id, b.branch_id, br.name, br.stage::text, b.build_number, b.status::text,
      b.failure_reason::text, b.trigger::text, b.commit_sha::text,
      b.commit_message, b.commit_author, b.pr_number, b.started_at, b.finished_at, b.duration_seconds, b.error_message,
      b.test_results, l.cancel_requested_at is not null, b.created_by, b.created_at
    from ops.branches br
      cross join lateral (
        select * from ops.builds x where x.branch_id = br.id
          and (p_status is null or x.status = p_status) and (p_before is null or x.created_at < p_before)
        order by x.created_at desc limit least(greatest(p_limit, 1), 500)) b
      left join ops.leases l on l.build_id = b.id
    where br.project_id = p_project_id and br.org_id = v_org_id and (p_branch_id is null or br.id = p_branch_id)
    order by b.created_at desc, b.build_number desc
    limit least(greatest(p_limit, 1), 500);
end
$$;
comment on function ops.project_builds(uuid, uuid, text, integer, timestamptz) is
  'A project''s builds, newest first, at most 500, optionally of one branch or status or created before a time. Viewer and up.';
revoke all on function ops.project_builds(uuid, uuid, text, integer, timestamptz) from public, anon;
grant execute on function ops.project_builds(uuid, uuid, text, integer, timestamptz) to authenticated, service_role;

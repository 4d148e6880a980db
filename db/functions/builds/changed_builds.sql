create or replace function ops.changed_builds(p_org_ids uuid[], p_unfinished uuid[], p_limit integer default 100)
returns table (
  id uuid, org_id uuid, project_id uuid, branch_id uuid, build_number integer, status text, failure_reason text,
  error_message text, attempt integer, cancel_requested boolean, created_at timestamptz, started_at timestamptz,
  finished_at timestamptz, duration_seconds integer
)
language sql stable security invoker
set search_path = ''
as $$
  -- No column says when a build last changed, because an index on one would cost every claim and finish. Instead: what
  -- runs, what each branch ended with, what is new, and what the caller last saw unfinished. That is every build that
  -- can have changed since the caller's previous look.
  with candidates as (
    select l.build_id from ops.leases l where l.org_id = any(p_org_ids)
    union
    select br.last_build_id from ops.branches br where br.org_id = any(p_org_ids) and br.last_build_id is not null
    union
    select n.id from unnest(p_org_ids) o (org_id)
      cross join lateral (select b.id from ops.builds b where b.org_id = o.org_id
        order by b.created_at desc limit p_limit) n
    union
    select unnest(p_unfinished)
  )
  select b.id, b.org_id, b.project_id, b.branch_id, b.build_number, b.status, b.failure_reason, b.error_message,
    coalesce(l.attempt, q.attempts, 0), l.cancel_requested_at is not null, b.created_at, b.started_at, b.finished_at,
    b.duration_seconds
  from ops.builds b
    left join ops.leases l on l.build_id = b.id
    left join ops.run_queue q on q.build_id = b.id
  where b.id = any(array(select candidates.build_id from candidates))
  order by b.seq
$$;

comment on function ops.changed_builds(uuid[], uuid[], integer) is
  'Every build of these orgs that may have changed since a look that left p_unfinished unfinished, oldest first; the caller compares.';
revoke all on function ops.changed_builds(uuid[], uuid[], integer) from public, anon, authenticated;
grant execute on function ops.changed_builds(uuid[], uuid[], integer) to service_role;

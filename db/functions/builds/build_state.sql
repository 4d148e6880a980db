create or replace function ops.build_state(p_build_id uuid)
returns table (
  id uuid, org_id uuid, project_id uuid, branch_id uuid, build_number integer, status text, failure_reason text,
  error_message text, attempt integer, cancel_requested boolean, created_at timestamptz, started_at timestamptz,
  finished_at timestamptz, duration_seconds integer, next_line bigint
)
language sql stable security invoker
set search_path = ''
as $$
  select b.id, b.org_id, b.project_id, b.branch_id, b.build_number, b.status, b.failure_reason, b.error_message,
    coalesce(l.attempt, q.attempts, 0), l.cancel_requested_at is not null, b.created_at, b.started_at, b.finished_at,
    b.duration_seconds,
    -- The chunks themselves are the truth about where the log ends: no lease, and still a line may have been written.
    coalesce((select c.first_line + c.line_count from ops.log_chunks c
      where c.bucket = b.log_bucket and c.build_id = b.id order by c.first_line desc limit 1), 1)
  from ops.builds b
    left join ops.leases l on l.build_id = b.id
    left join ops.run_queue q on q.build_id = b.id
  where b.id = p_build_id
$$;

comment on function ops.build_state(uuid) is
  'Where one build stands and the number its next log line will have: what a live stream polls.';
revoke all on function ops.build_state(uuid) from public, anon, authenticated;
grant execute on function ops.build_state(uuid) to service_role;

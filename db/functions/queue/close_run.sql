create or replace function ops.close_run(
  p_build_id uuid, p_status text, p_reason text, p_message text, p_outcome text default 'finished', p_detail text default null
) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_lease ops.leases;
  v_build record;
  v_was_ready boolean;
begin
  delete from ops.leases where build_id = p_build_id returning * into v_lease;
  update ops.builds set
    status = p_status,
    failure_reason = p_reason,
    error_message = p_message,
    finished_at = v_now,
    duration_seconds = extract(epoch from v_now - started_at)::integer,
    log_lines = coalesce(v_lease.next_line - 1, log_lines),
    first_error_line = coalesce(v_lease.first_error_line, first_error_line)
  where id = p_build_id
  returning org_id, branch_id, started_at into v_build;
  if v_lease.build_id is not null then
    insert into ops.build_attempts (build_id, attempt, org_id, runner_id, token, claimed_at, ended_at, outcome, detail)
      values (p_build_id, v_lease.attempt, v_lease.org_id, v_lease.runner_id, v_lease.token, v_lease.claimed_at, v_now, p_outcome, p_detail);
  else
    select ready into v_was_ready from ops.run_queue where build_id = p_build_id;
  end if;
  update ops.run_queue set
    status = case p_status when 'failed' then 'failed' else 'done' end,
    ready = false, next_attempt_at = null, error_message = p_message, updated_at = v_now
  where build_id = p_build_id;
  if v_lease.build_id is not null or v_build.started_at is not null then
    update ops.branches set
      status = case when status = 'archived' then status when p_status = 'failed' then 'error' else 'ready' end,
      last_build_id = p_build_id, updated_at = v_now
    where id = v_build.branch_id;
  end if;
  perform ops.free_slot(v_build.org_id, v_build.branch_id, v_lease.build_id is not null);
  if v_was_ready then
    -- The run that left may have been the org's first.
    perform ops.update_lane(v_build.org_id);
  end if;
end
$$;
comment on function ops.close_run(uuid, text, text, text, text, text) is
  'Gives a build its end: lease, attempt, build, queue, branch, and the branch''s next run, in one go. The caller holds ops.lock_lane and has checked that the change is allowed.';
revoke all on function ops.close_run(uuid, text, text, text, text, text) from public, anon, authenticated;

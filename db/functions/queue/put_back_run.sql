create or replace function ops.put_back_run(p_build_id uuid, p_next_attempt_at timestamptz, p_outcome text, p_detail text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_next timestamptz := case when p_next_attempt_at > clock_timestamp() then p_next_attempt_at end;
  v_lease ops.leases;
begin
  delete from ops.leases where build_id = p_build_id returning * into v_lease;
  -- The lines written so far stay; the next attempt goes on numbering after them.
  update ops.builds set status = 'queued', started_at = null, log_lines = v_lease.next_line - 1,
      first_error_line = coalesce(v_lease.first_error_line, first_error_line)
    where id = p_build_id;
  insert into ops.build_attempts (build_id, attempt, org_id, runner_id, token, claimed_at, ended_at, outcome, detail)
    values (p_build_id, v_lease.attempt, v_lease.org_id, v_lease.runner_id, v_lease.token, v_lease.claimed_at, v_now, p_outcome, p_detail);
  update ops.run_queue set status = 'queued', ready = false, claimed_by = null, claimed_at = null,
      next_attempt_at = v_next, error_message = p_detail, updated_at = v_now
    where build_id = p_build_id;
  update ops.branches set status = case status when 'archived' then status else 'ready' end, updated_at = v_now
    where id = v_lease.branch_id;
  perform ops.free_slot(v_lease.org_id, v_lease.branch_id, true);
end
$$;
comment on function ops.put_back_run(uuid, timestamptz, text, text) is
  'Ends the lease of a build that is to be tried again, not before p_next_attempt_at. The caller holds ops.lock_lane and the lease.';
revoke all on function ops.put_back_run(uuid, timestamptz, text, text) from public, anon, authenticated;

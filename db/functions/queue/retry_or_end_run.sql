create or replace function ops.retry_or_end_run(
  p_lease ops.leases, p_next_attempt_at timestamptz, p_outcome text, p_reason text, p_detail text
) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_max_attempts integer;
begin
  if p_lease.cancel_requested_at is not null then
    perform ops.close_run(p_lease.build_id, 'cancelled', p_lease.cancel_reason,
      case p_lease.cancel_reason when 'superseded' then 'a newer build of the branch took its place' else 'cancelled' end,
      p_outcome, p_detail);
    return;
  end if;
  select max_attempts into v_max_attempts from ops.run_queue where build_id = p_lease.build_id;
  if p_next_attempt_at is null or p_lease.attempt >= v_max_attempts then
    perform ops.close_run(p_lease.build_id, 'failed', p_reason,
      format('attempt %s of %s: %s. Rebuild it once the cause is gone.', p_lease.attempt, v_max_attempts, p_detail),
      p_outcome, p_detail);
  else
    perform ops.write_line(p_lease.build_id, 'system', 'warn',
      format('attempt %s of %s ended: %s. The build is queued again.', p_lease.attempt, v_max_attempts, p_detail));
    perform ops.put_back_run(p_lease.build_id, p_next_attempt_at, p_outcome, p_detail);
  end if;
end
$$;
comment on function ops.retry_or_end_run(ops.leases, timestamptz, text, text, text) is
  'What follows an attempt that was lost or failed for reasons of the machinery: cancelled if that was asked, queued again while attempts are left, else failed for good. The caller holds ops.lock_lane and the lease.';
revoke all on function ops.retry_or_end_run(ops.leases, timestamptz, text, text, text) from public, anon, authenticated;

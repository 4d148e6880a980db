create or replace function ops.promote_due_runs(p_limit integer default 500) returns integer
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_run record;
  v_promoted integer := 0;
begin
  for v_run in
    select id, org_id, branch_id from ops.run_queue
      where status = 'queued' and next_attempt_at is not null and next_attempt_at <= clock_timestamp()
      order by next_attempt_at limit p_limit
  loop
    -- A lane in use is left to the next call: holding several and waiting for another could deadlock.
    perform from ops.queue_lanes where org_id = v_run.org_id for update skip locked;
    continue when not found;
    update ops.run_queue set next_attempt_at = null, updated_at = clock_timestamp()
      where id = v_run.id and status = 'queued' and next_attempt_at <= clock_timestamp();
    continue when not found;
    perform ops.free_slot(v_run.org_id, v_run.branch_id, false);
    v_promoted := v_promoted + 1;
  end loop;
  return v_promoted;
end
$$;
comment on function ops.promote_due_runs(integer) is
  'Makes runs claimable again whose wait before the next attempt is over; answers how many.';
revoke all on function ops.promote_due_runs(integer) from public, anon, authenticated;
grant execute on function ops.promote_due_runs(integer) to service_role;

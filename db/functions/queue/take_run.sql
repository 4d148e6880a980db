create or replace function ops.take_run(
  p_org_id uuid, p_runner_id text, p_lease_seconds integer, p_start boolean, out o_run ops.run_queue, out o_lease ops.leases
)
  language plpgsql
  set search_path = ''
  -- Index probes whatever the statistics say: a plan made while the queue was empty must do with a million in it.
  set enable_seqscan = off
  set enable_bitmapscan = off
  set enable_sort = off
as $$
declare
  v_org_id uuid;
  v_now timestamptz;
  v_micros bigint;
  v_build record;
begin
  loop
    v_org_id := ops.lock_next_lane(p_org_id);
    if v_org_id is null then
      return;
    end if;
    v_now := clock_timestamp();
    -- The token is the time, raised where that would repeat the build's last one. Not a sequence: a claim need not have
    -- reached the disk when it is answered, and after a crash a sequence could hand out a lost number again. Below 2^53,
    -- so that JSON numbers hold it.
    v_micros := extract(epoch from v_now) * 1000000;
    update ops.run_queue set status = case when p_start then 'running' else 'claimed' end, ready = false,
        claimed_by = p_runner_id, claimed_at = v_now, fence = greatest(coalesce(fence, 0) + 1, v_micros), attempts = attempts + 1, updated_at = v_now
      where id = (select id from ops.run_queue where org_id = v_org_id and ready and status = 'queued' order by rank, id limit 1)
      returning * into o_run;
    exit when found;
    perform ops.update_lane(v_org_id);
  end loop;
  if p_start then
    update ops.builds set status = 'running', started_at = v_now where id = o_run.build_id returning log_lines, log_bucket into v_build;
  else
    -- Locked, so that no line without a token is numbered at the same time.
    select log_lines, log_bucket into v_build from ops.builds where id = o_run.build_id for no key update;
  end if;
  insert into ops.leases (build_id, queue_id, org_id, project_id, branch_id, attempt, runner_id, token, log_bucket,
      claimed_at, renewed_at, expires_at, next_line, token_seen)
    values (o_run.build_id, o_run.id, v_org_id, o_run.project_id, o_run.branch_id, o_run.attempts, p_runner_id, o_run.fence,
      v_build.log_bucket, v_now, v_now, v_now + make_interval(secs => p_lease_seconds), v_build.log_lines + 1, p_start)
    returning * into o_lease;
  update ops.branches set status = 'building', updated_at = v_now where id = o_run.branch_id and status <> 'archived';
  update ops.queue_lanes l set running = l.running + 1, served_at = v_now,
      head_rank = (select q.rank from ops.run_queue q where q.org_id = v_org_id and q.ready and q.status = 'queued' order by q.rank, q.id limit 1)
    where l.org_id = v_org_id;
  if o_lease.attempt > 1 then
    perform ops.write_line(o_run.build_id, 'system', 'info',
      format('attempt %s of %s starts on %s', o_lease.attempt, o_run.max_attempts, p_runner_id));
    o_lease.next_line := o_lease.next_line + 1;
  end if;
end
$$;
comment on function ops.take_run(uuid, text, integer, boolean) is
  'Gives the next run to a runner, as a lease with a new fencing token; nulls when nothing may be claimed. p_org_id null serves every org; p_start moves the build to running at once.';
revoke all on function ops.take_run(uuid, text, integer, boolean) from public, anon, authenticated;

create or replace function ops.start_build(p_build_id uuid, p_leased boolean) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_build record;
begin
  update ops.builds set status = 'running', started_at = v_now where id = p_build_id returning org_id, branch_id into v_build;
  if p_leased then
    update ops.run_queue set status = 'running', updated_at = v_now where build_id = p_build_id;
  else
    -- Started past the queue: its place there is over, so that no runner is handed it too. One that somebody claimed by
    -- writing to the table goes on holding its branch.
    update ops.run_queue set status = case status when 'claimed' then 'running' else 'done' end, ready = false,
      next_attempt_at = null, updated_at = v_now
      where build_id = p_build_id;
    perform ops.ready_branch(v_build.branch_id);
    perform ops.update_lane(v_build.org_id);
  end if;
  update ops.branches set status = 'building', updated_at = v_now where id = v_build.branch_id and status <> 'archived';
end
$$;
comment on function ops.start_build(uuid, boolean) is
  'Moves a queued build to running. p_leased: a runner holds it. The caller holds ops.lock_lane and has checked that the change is allowed.';
revoke all on function ops.start_build(uuid, boolean) from public, anon, authenticated;

create or replace function ops.ready_branch(p_branch_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_head record;
begin
  if exists (select from ops.run_queue where branch_id = p_branch_id and status in ('claimed', 'running')) then
    return;
  end if;
  select id, ready, next_attempt_at into v_head from ops.run_queue
    where branch_id = p_branch_id and status = 'queued' order by rank, id limit 1;
  -- A first run that waits for its next attempt holds the others back: builds of a branch end in their order.
  if found and not v_head.ready and v_head.next_attempt_at is null then
    update ops.run_queue set ready = true, updated_at = clock_timestamp() where id = v_head.id;
  end if;
end
$$;
comment on function ops.ready_branch(uuid) is
  'Lets the branch''s first queued run be claimed if the branch is idle. The caller holds ops.lock_lane and calls ops.update_lane afterwards.';
revoke all on function ops.ready_branch(uuid) from public, anon, authenticated;

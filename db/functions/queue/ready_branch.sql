create or replace function ops.ready_branch(p_branch_id uuid) returns timestamptz
  language plpgsql
  set search_path = ''
as $$
declare
  v_rank timestamptz;
begin
  -- A first run that waits for its next attempt holds the others back: builds of a branch end in their order.
  update ops.run_queue set ready = true, updated_at = clock_timestamp()
    where id = (select id from ops.run_queue where branch_id = p_branch_id and status = 'queued' order by rank, id limit 1)
      and not ready and next_attempt_at is null
      and not exists (select from ops.run_queue where branch_id = p_branch_id and status in ('claimed', 'running'))
    returning rank into v_rank;
  return v_rank;
end
$$;
comment on function ops.ready_branch(uuid) is
  'Lets the branch''s first queued run be claimed if the branch is idle; answers its rank if that changed something. The caller holds ops.lock_lane and brings the lane in line.';
revoke all on function ops.ready_branch(uuid) from public, anon, authenticated;

create or replace function ops.free_slot(p_org_id uuid, p_branch_id uuid, p_ended boolean) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_rank timestamptz := ops.ready_branch(p_branch_id);
begin
  -- Unless it frees a slot of a full org or brings forward its first run, this changes no indexed column.
  update ops.queue_lanes set running = running - p_ended::integer, head_rank = least(head_rank, v_rank)
    where org_id = p_org_id and (p_ended or v_rank is not null);
end
$$;
comment on function ops.free_slot(uuid, uuid, boolean) is
  'After a run left its branch: readies the branch''s next one and, when p_ended says that a lease ended, counts one running build less. The caller holds ops.lock_lane.';
revoke all on function ops.free_slot(uuid, uuid, boolean) from public, anon, authenticated;

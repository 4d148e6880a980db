create or replace function ops.supersede_older(p_branch_id uuid, p_build_number integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_other record;
begin
  for v_other in
    select q.build_id, q.status, b.build_number from ops.run_queue q join ops.builds b on b.id = q.build_id
      where q.branch_id = p_branch_id and q.status = 'queued'
    union all
    select q.build_id, q.status, b.build_number from ops.run_queue q join ops.builds b on b.id = q.build_id
      where q.branch_id = p_branch_id and q.status in ('claimed', 'running')
    order by build_number desc
  loop
    if v_other.build_number > p_build_number then
      return v_other.build_number;
    elsif v_other.status = 'queued' then
      perform ops.close_run(v_other.build_id, 'cancelled', 'superseded', format('build #%s of the branch took its place', p_build_number));
    else
      update ops.leases set cancel_requested_at = clock_timestamp(), cancel_reason = 'superseded'
        where build_id = v_other.build_id and cancel_requested_at is null;
    end if;
  end loop;
  return null;
end
$$;
comment on function ops.supersede_older(uuid, integer) is
  'Cancels the branch''s older queued builds and asks an older running one to stop. Answers the number of a newer build if there is one; then nothing was changed. The caller holds ops.lock_lane.';
revoke all on function ops.supersede_older(uuid, integer) from public, anon, authenticated;

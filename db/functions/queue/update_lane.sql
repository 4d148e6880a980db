create or replace function ops.update_lane(p_org_id uuid, p_running_change integer) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update ops.queue_lanes l set
    running = l.running + p_running_change,
    head_rank = (select q.rank from ops.run_queue q where q.org_id = p_org_id and q.ready order by q.rank, q.id limit 1)
  where l.org_id = p_org_id;
end
$$;
comment on function ops.update_lane(uuid, integer) is
  'Brings the org''s lane in line with its runs after a change. The caller holds ops.lock_lane.';
revoke all on function ops.update_lane(uuid, integer) from public, anon, authenticated;

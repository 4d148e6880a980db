create or replace function ops.update_lane(p_org_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update ops.queue_lanes l set
    head_rank = (select q.rank from ops.run_queue q where q.org_id = p_org_id and q.ready and q.status = 'queued' order by q.rank, q.id limit 1)
  where l.org_id = p_org_id;
end
$$;
comment on function ops.update_lane(uuid) is
  'Finds the rank of the org''s first ready run anew. The caller holds ops.lock_lane.';
revoke all on function ops.update_lane(uuid) from public, anon, authenticated;

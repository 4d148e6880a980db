create or replace function ops.blocking_run(p_queue_id uuid)
  returns table (build_id uuid, build_number integer, running_seconds numeric)
  language sql stable
  set search_path = ''
as $$
  select b.id, b.build_number, case when h.status <> 'queued' then extract(epoch from clock_timestamp() - h.claimed_at) end
  from ops.run_queue q
    cross join lateral (
      (select r.build_id, r.status, r.claimed_at from ops.run_queue r
        where r.branch_id = q.branch_id and r.status in ('claimed', 'running') limit 1)
      union all
      (select r.build_id, r.status, r.claimed_at from ops.run_queue r
        where r.branch_id = q.branch_id and r.status = 'queued' and (r.rank, r.id) < (q.rank, q.id) order by r.rank, r.id limit 1)
    ) h
    join ops.builds b on b.id = h.build_id
  where q.id = p_queue_id
  limit 1
$$;
comment on function ops.blocking_run(uuid) is
  'The build of the same branch that a queued run waits for: the running one (with how long it runs), else the first in order.';
revoke all on function ops.blocking_run(uuid) from public, anon, authenticated;

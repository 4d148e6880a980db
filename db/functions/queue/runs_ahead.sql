create or replace function ops.runs_ahead(p_queue_id uuid) returns integer
  language sql stable
  set search_path = ''
as $$
  -- Counted up to 1,000 each: beyond that nobody asks for the exact place, and a long queue must not make asking slow.
  select ((select count(*) from (select from ops.run_queue r
        where r.org_id = q.org_id and r.ready and r.status = 'queued' and (r.rank, r.id) < (q.rank, q.id) and r.branch_id <> q.branch_id limit 1000) ready)
    + (select count(*) from (select from ops.run_queue r
        where r.branch_id = q.branch_id and r.status = 'queued' and (r.rank, r.id) < (q.rank, q.id) limit 1000) branch))::integer
  from ops.run_queue q where q.id = p_queue_id
$$;
comment on function ops.runs_ahead(uuid) is
  'How many runs of the org go before a queued one: those of its branch, and the first of each other branch.';
revoke all on function ops.runs_ahead(uuid) from public, anon, authenticated;

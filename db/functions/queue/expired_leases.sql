create or replace function ops.expired_leases(p_limit integer default 100)
  returns table (
    build_id uuid, org_id uuid, token bigint, runner_id text, attempt integer, max_attempts integer,
    renewed_at timestamptz, expires_at timestamptz, now timestamptz
  )
  language sql stable security definer
  set search_path = ''
as $$
  select l.build_id, l.org_id, l.token, l.runner_id, l.attempt, q.max_attempts, l.renewed_at, l.expires_at, clock_timestamp()
  from ops.leases l join ops.run_queue q on q.id = l.queue_id
  where l.expires_at <= clock_timestamp()
  order by l.expires_at
  limit p_limit
$$;
comment on function ops.expired_leases(integer) is 'Leases that ran out, oldest first, by the database''s clock.';
revoke all on function ops.expired_leases(integer) from public, anon, authenticated;
grant execute on function ops.expired_leases(integer) to service_role;

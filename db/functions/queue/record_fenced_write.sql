create or replace function ops.record_fenced_write(p_build_id uuid, p_token bigint, p_operation text, p_runner_id text default null) returns void
  language sql security definer
  set search_path = ''
as $$
  insert into ops.fenced_writes (org_id, build_id, token, live_token, operation, runner_id)
  select b.org_id, b.id, p_token, l.token, left(p_operation, 100),
    coalesce(p_runner_id, (select a.runner_id from ops.build_attempts a where a.build_id = b.id and a.token = p_token),
      case when l.token = p_token then l.runner_id end)
  from ops.builds b left join ops.leases l on l.build_id = b.id
  where b.id = p_build_id
    -- A runner gone wild must not fill the disk with its refusals.
    and (select count(*) from (select from ops.fenced_writes f where f.build_id = b.id limit 1000) counted) < 1000
$$;
comment on function ops.record_fenced_write(uuid, bigint, text, text) is
  'Notes a write that was refused because its fencing token is not the live one; at most 1,000 a build.';
revoke all on function ops.record_fenced_write(uuid, bigint, text, text) from public, anon, authenticated;
grant execute on function ops.record_fenced_write(uuid, bigint, text, text) to service_role;

create or replace function ops.lose_run(p_build_id uuid, p_token bigint, p_next_attempt_at timestamptz, p_detail text) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_org_id uuid;
  v_lease ops.leases;
begin
  select org_id into v_org_id from ops.leases where build_id = p_build_id and token = p_token and expires_at <= clock_timestamp();
  if v_org_id is null then
    return false;
  end if;
  perform ops.lock_lane(v_org_id);
  select * into v_lease from ops.leases
    where build_id = p_build_id and token = p_token and expires_at <= clock_timestamp() for update;
  if not found then
    return false;
  end if;
  perform ops.retry_or_end_run(v_lease, p_next_attempt_at, 'lost', 'runner_lost', p_detail);
  return true;
end
$$;
comment on function ops.lose_run(uuid, bigint, timestamptz, text) is
  'Takes a build from a runner whose lease ran out. False, and nothing changed, when the lease was renewed or is over.';
revoke all on function ops.lose_run(uuid, bigint, timestamptz, text) from public, anon, authenticated;

create or replace function ops.fail_lost_run(p_build_id uuid, p_token bigint, p_detail text) returns boolean
  language sql security definer
  set search_path = ''
as $$
  select ops.lose_run(p_build_id, p_token, null, p_detail)
$$;
comment on function ops.fail_lost_run(uuid, bigint, text) is
  'Fails a lost build for good (runner_lost); one that was asked to stop is cancelled instead. False when the lease was renewed or is over.';
revoke all on function ops.fail_lost_run(uuid, bigint, text) from public, anon, authenticated;
grant execute on function ops.fail_lost_run(uuid, bigint, text) to service_role;

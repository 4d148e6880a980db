create or replace function ops.release_run(p_build_id uuid, p_token bigint, p_next_attempt_at timestamptz, p_message text) returns text
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
  v_lease ops.leases;
begin
  select org_id into v_org_id from ops.leases where build_id = p_build_id and token = p_token;
  if v_org_id is not null then
    perform ops.lock_lane(v_org_id);
  elsif exists (
    select from ops.build_attempts where build_id = p_build_id and token = p_token and outcome = 'infrastructure'
  ) then
    return (select status from ops.builds where id = p_build_id);
  end if;
  v_lease := ops.hold_lease(p_build_id, p_token);
  perform ops.retry_or_end_run(v_lease, p_next_attempt_at, 'infrastructure', 'infrastructure', coalesce(p_message, 'the runner could not run it'));
  return (select status from ops.builds where id = p_build_id);
end
$$;
comment on function ops.release_run(uuid, bigint, timestamptz, text) is
  'The runner gives a build back that it could not run (disk full, sandbox broken): tried again from p_next_attempt_at on, or failed when attempts are used up or the time is null. Answers the build''s status.';
revoke all on function ops.release_run(uuid, bigint, timestamptz, text) from public, anon, authenticated;
grant execute on function ops.release_run(uuid, bigint, timestamptz, text) to service_role;

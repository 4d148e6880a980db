create or replace function ops.authenticate_runner(p_token_hash bytea) returns table (runner_id uuid, org_id uuid, name text)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_runner ops.runners;
begin
  select * into v_runner from ops.runners r where r.token_hash = p_token_hash and r.removed_at is null;
  if not found then
    return;
  end if;
  -- Runners ask often; that one is alive need not be written each time.
  if v_runner.last_seen_at < clock_timestamp() - interval '10 seconds' then
    update ops.runners r set last_seen_at = clock_timestamp() where r.id = v_runner.id;
  end if;
  return query select v_runner.id, v_runner.org_id, v_runner.name;
end
$$;
comment on function ops.authenticate_runner(bytea) is
  'The runner that this token belongs to, noting that it is alive; no row when there is none or it was removed. org_id is null for a shared runner.';
revoke all on function ops.authenticate_runner(bytea) from public, anon, authenticated;
grant execute on function ops.authenticate_runner(bytea) to service_role;

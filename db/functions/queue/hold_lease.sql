create or replace function ops.hold_lease(p_build_id uuid, p_token bigint) returns ops.leases
  language plpgsql
  set search_path = ''
as $$
declare
  v_lease ops.leases;
begin
  select * into v_lease from ops.leases
    where build_id = p_build_id and token = p_token and expires_at > clock_timestamp() for update;
  if not found then
    raise sqlstate 'PT409' using message = 'the lease with this token is over: another runner may have the build',
      detail = 'stale_token', hint = 'Stop the work and claim again.';
  end if;
  if not v_lease.token_seen then
    update ops.leases set token_seen = true where build_id = p_build_id;
  end if;
  return v_lease;
end
$$;
comment on function ops.hold_lease(uuid, bigint) is
  'Locks the live lease that this fencing token proves, until the transaction ends; otherwise PT409 with detail stale_token.';
revoke all on function ops.hold_lease(uuid, bigint) from public, anon, authenticated;

create or replace function ops.lease_for_write(p_build_id uuid, p_token bigint) returns ops.leases
  language plpgsql
  set search_path = ''
as $$
declare
  v_lease ops.leases;
begin
  if p_token is not null then
    return ops.hold_lease(p_build_id, p_token);
  end if;
  select * into v_lease from ops.leases where build_id = p_build_id for update;
  if not found then
    return null;
  end if;
  if v_lease.token_seen and v_lease.expires_at > clock_timestamp() then
    raise sqlstate 'PT409' using message = format('runner %s holds the lease of this build', v_lease.runner_id),
      detail = 'token_required', hint = 'Send the fencing token that the claim answered.';
  end if;
  if not v_lease.token_seen then
    -- A runner that knows no tokens sends no heartbeat either: its writes are its signs of life, and steps may be silent.
    update ops.leases set renewed_at = clock_timestamp(), expires_at = clock_timestamp() + interval '15 minutes'
      where build_id = p_build_id returning * into v_lease;
  end if;
  return v_lease;
end
$$;
comment on function ops.lease_for_write(uuid, bigint) is
  'Locks and answers the lease under which a write with this token, or without one, is allowed; null when none is needed. Raises PT409 otherwise.';
revoke all on function ops.lease_for_write(uuid, bigint) from public, anon, authenticated;

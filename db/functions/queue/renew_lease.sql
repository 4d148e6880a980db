create or replace function ops.renew_lease(p_build_id uuid, p_token bigint, p_lease_seconds integer default 30)
  returns table (remaining_ms bigint, cancel_reason text, next_line bigint)
  language plpgsql security definer
  set search_path = ''
as $$
begin
  if p_lease_seconds is null or p_lease_seconds not between 1 and 3600 then
    raise sqlstate 'PT400' using message = format('a lease lasts 1 to 3600 seconds, not %s', p_lease_seconds);
  end if;
  return query
    update ops.leases l set renewed_at = clock_timestamp(), token_seen = true,
        expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
      where l.build_id = p_build_id and l.token = p_token and l.expires_at > clock_timestamp()
      returning p_lease_seconds * 1000::bigint, l.cancel_reason, l.next_line;
  if not found then
    raise sqlstate 'PT409' using message = 'the lease with this token is over: another runner may have the build',
      detail = 'stale_token', hint = 'Stop the work and claim again.';
  end if;
end
$$;
comment on function ops.renew_lease(uuid, bigint, integer) is
  'Extends a live lease. Answers how long it lasts, whether the build is to stop and why, and the first log line not stored yet.';
revoke all on function ops.renew_lease(uuid, bigint, integer) from public, anon, authenticated;
grant execute on function ops.renew_lease(uuid, bigint, integer) to service_role;

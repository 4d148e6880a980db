create or replace function registry.delete_expired_credentials() returns bigint
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_total bigint := 0;
  v_count bigint;
begin
  delete from registry.sessions s where s.expires_at < now();
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;
  delete from registry.auth_sessions s where s.expires_at < now();
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;
  -- Long enough that a stolen one is noticed when it comes back.
  delete from registry.refresh_tokens t where t.used_at < now() - interval '30 days';
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;
  delete from registry.server_keys k where k.revoked_at < now() - interval '90 days';
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;
  delete from registry.signin_links l where l.expires_at < now() - interval '1 day';
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;
  delete from ops.idempotency_keys k where k.created_at < now() - interval '7 days';
  get diagnostics v_count = row_count;
  return v_total + v_count;
end
$$;
comment on function registry.delete_expired_credentials() is
  'Deletes sessions, links and keys that are over, refresh tokens long used and idempotency keys older than a week; answers how many.';
revoke all on function registry.delete_expired_credentials() from public, anon, authenticated;
grant execute on function registry.delete_expired_credentials() to service_role;

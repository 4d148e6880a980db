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
  delete from registry.signin_links l where l.expires_at < now() - interval '1 day';
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;
  delete from ops.idempotency_keys k where k.created_at < now() - interval '7 days';
  get diagnostics v_count = row_count;
  return v_total + v_count;
end
$$;
comment on function registry.delete_expired_credentials() is
  'Deletes sessions and links that are over and idempotency keys older than a week; answers how many.';
revoke all on function registry.delete_expired_credentials() from public, anon, authenticated;
grant execute on function registry.delete_expired_credentials() to service_role;

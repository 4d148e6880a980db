create or replace function registry.end_session(p_hash bytea) returns void
  language sql security definer
  set search_path = ''
as $$
  delete from registry.sessions s where s.token_hash = p_hash;
$$;
comment on function registry.end_session(bytea) is 'Ends a session; one that is over already is no error.';
revoke all on function registry.end_session(bytea) from public, anon, authenticated;
grant execute on function registry.end_session(bytea) to service_role;

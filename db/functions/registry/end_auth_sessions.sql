create or replace function registry.end_auth_sessions(p_user_id uuid, p_session_id uuid, p_scope text) returns void
  language sql security definer
  set search_path = ''
as $$
  delete from registry.auth_sessions s
  where s.user_id = p_user_id
    and case p_scope when 'local' then s.id = p_session_id when 'others' then s.id is distinct from p_session_id else true end;
$$;
comment on function registry.end_auth_sessions(uuid, uuid, text) is
  'Signs a person''s API clients out: this session (local), all but this (others), or all (global).';
revoke all on function registry.end_auth_sessions(uuid, uuid, text) from public, anon, authenticated;
grant execute on function registry.end_auth_sessions(uuid, uuid, text) to service_role;

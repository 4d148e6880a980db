create or replace function registry.start_auth_session(
    p_session_id uuid, p_user_id uuid, p_user_agent text, p_method text, p_refresh_hash bytea, p_expires_at timestamptz)
  returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  insert into registry.auth_sessions (id, user_id, user_agent, method, expires_at)
  values (p_session_id, p_user_id, left(p_user_agent, 300), p_method, p_expires_at);
  insert into registry.refresh_tokens (token_hash, session_id) values (p_refresh_hash, p_session_id);
  update auth.users u set last_sign_in_at = now() where u.id = p_user_id;
end
$$;
comment on function registry.start_auth_session(uuid, uuid, text, text, bytea, timestamptz) is
  'Starts the session of an API client with its first refresh token.';
revoke all on function registry.start_auth_session(uuid, uuid, text, text, bytea, timestamptz) from public, anon, authenticated;
grant execute on function registry.start_auth_session(uuid, uuid, text, text, bytea, timestamptz) to service_role;

create or replace function registry.create_session(p_hash bytea, p_user_id uuid, p_user_agent text, p_expires_at timestamptz)
  returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  insert into registry.sessions (token_hash, user_id, user_agent, expires_at)
  values (p_hash, p_user_id, left(p_user_agent, 300), p_expires_at);
  update auth.users u set last_sign_in_at = now() where u.id = p_user_id;
end
$$;
comment on function registry.create_session(bytea, uuid, text, timestamptz) is 'Starts a console session.';
revoke all on function registry.create_session(bytea, uuid, text, timestamptz) from public, anon, authenticated;
grant execute on function registry.create_session(bytea, uuid, text, timestamptz) to service_role;

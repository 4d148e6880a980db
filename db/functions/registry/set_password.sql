create or replace function registry.set_password(p_user_id uuid, p_password_hash text, p_keep_session bytea default null)
  returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  insert into registry.credentials (user_id, password_hash) values (p_user_id, p_password_hash)
  on conflict (user_id) do update set password_hash = excluded.password_hash, updated_at = now();
  delete from registry.sessions s where s.user_id = p_user_id and s.token_hash is distinct from p_keep_session;
  delete from registry.auth_sessions s where s.user_id = p_user_id and uuid_send(s.id) is distinct from p_keep_session;
  delete from registry.signin_links l where l.user_id = p_user_id and l.purpose = 'signin';
end
$$;
comment on function registry.set_password(uuid, text, bytea) is
  'Sets a password and ends the person''s sessions and sign-in links, all but the session that asked (p_keep_session: a console session''s hash or the bytes of an API client''s session id).';
revoke all on function registry.set_password(uuid, text, bytea) from public, anon, authenticated;
grant execute on function registry.set_password(uuid, text, bytea) to service_role;

create or replace function registry.forget_password(p_user_id uuid) returns void
  language sql security definer
  set search_path = ''
as $$
  delete from registry.credentials c where c.user_id = p_user_id;
  delete from registry.sessions s where s.user_id = p_user_id;
  delete from registry.auth_sessions s where s.user_id = p_user_id;
  delete from registry.signin_links l where l.user_id = p_user_id and l.purpose = 'signin';
$$;
comment on function registry.forget_password(uuid) is
  'Takes a person''s password away and ends their sessions and sign-in links: they come in by a link that is made afterwards.';
revoke all on function registry.forget_password(uuid) from public, anon, authenticated;
grant execute on function registry.forget_password(uuid) to service_role;

create or replace function registry.auth_session(p_session_id uuid, p_user_id uuid)
  returns table (signed_in_at timestamptz)
  language sql stable security definer
  set search_path = ''
as $$
  select s.created_at from registry.auth_sessions s
  where s.id = p_session_id and s.user_id = p_user_id and s.expires_at > clock_timestamp();
$$;
comment on function registry.auth_session(uuid, uuid) is
  'Since when an API client''s session lasts; no row when it is over or another person''s.';
revoke all on function registry.auth_session(uuid, uuid) from public, anon, authenticated;
grant execute on function registry.auth_session(uuid, uuid) to service_role;

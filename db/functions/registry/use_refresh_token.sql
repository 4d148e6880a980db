create or replace function registry.use_refresh_token(p_hash bytea, p_next_hash bytea, p_expires_at timestamptz)
  returns table (outcome text, session_id uuid, user_id uuid, method text, signed_in_at timestamptz)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_session registry.auth_sessions;
  v_used_at timestamptz;
begin
  -- The session's row is the lock: two uses of one token at once follow one another.
  select s.* into v_session
  from registry.auth_sessions s
  where s.id = (select t.session_id from registry.refresh_tokens t where t.token_hash = p_hash)
    and s.expires_at > clock_timestamp()
  for no key update;
  select t.used_at into v_used_at from registry.refresh_tokens t where t.token_hash = p_hash;
  if v_session.id is null or not found then
    return;
  end if;
  if v_used_at < clock_timestamp() - interval '10 seconds' then
    delete from registry.auth_sessions s where s.id = v_session.id;
    return query select 'reused', v_session.id, v_session.user_id, v_session.method, v_session.created_at;
    return;
  end if;
  if v_used_at is null then
    update registry.refresh_tokens t set used_at = clock_timestamp() where t.token_hash = p_hash;
    insert into registry.refresh_tokens (token_hash, session_id) values (p_next_hash, v_session.id);
    update registry.auth_sessions s set refreshed_at = clock_timestamp(), expires_at = p_expires_at where s.id = v_session.id;
  end if;
  return query select 'refreshed', v_session.id, v_session.user_id, v_session.method, v_session.created_at;
end
$$;
comment on function registry.use_refresh_token(bytea, bytea, timestamptz) is
  'Uses a refresh token up and stores the one that follows. Again within ten seconds answers the same (a client that asked twice); later it ends the session. No row when the token is unknown or its session over.';
revoke all on function registry.use_refresh_token(bytea, bytea, timestamptz) from public, anon, authenticated;
grant execute on function registry.use_refresh_token(bytea, bytea, timestamptz) to service_role;

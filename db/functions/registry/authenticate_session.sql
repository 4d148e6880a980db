create or replace function registry.authenticate_session(p_hash bytea) returns table (user_id uuid)
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_session registry.sessions;
begin
  select s.* into v_session from registry.sessions s where s.token_hash = p_hash and s.expires_at > clock_timestamp();
  if v_session.user_id is null then
    return;
  end if;
  if v_session.last_seen_at < clock_timestamp() - interval '1 minute' then
    update registry.sessions s set last_seen_at = clock_timestamp()
    where s.token_hash = (select l.token_hash from registry.sessions l where l.token_hash = p_hash for no key update skip locked);
  end if;
  return query select v_session.user_id;
end
$$;
comment on function registry.authenticate_session(bytea) is
  'Whose session this is; no row when it is unknown or over. Notes the use, at most once a minute.';
revoke all on function registry.authenticate_session(bytea) from public, anon, authenticated;
grant execute on function registry.authenticate_session(bytea) to service_role;

create or replace function registry.authenticate_token(p_hash bytea)
  returns table (token_id uuid, org_id uuid, user_id uuid, scopes text[])
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_token registry.api_tokens;
begin
  select t.* into v_token
  from registry.api_tokens t
  join registry.org_members m on m.org_id = t.org_id and m.user_id = t.created_by and m.status = 'active'
  where t.token_hash = p_hash and t.revoked_at is null and (t.expires_at is null or t.expires_at > clock_timestamp());
  if v_token.id is null then
    return;
  end if;
  if v_token.last_used_at is null or v_token.last_used_at < clock_timestamp() - interval '1 minute' then
    -- Somebody else may be noting the same use; then theirs will do.
    update registry.api_tokens t set last_used_at = clock_timestamp()
    where t.id = (select l.id from registry.api_tokens l where l.id = v_token.id for no key update skip locked);
  end if;
  return query select v_token.id, v_token.org_id, v_token.created_by, v_token.scopes;
end
$$;
comment on function registry.authenticate_token(bytea) is
  'Whom a token stands for; no row when it is unknown, revoked, expired, or its maker is no member any more. Notes the use, at most once a minute.';
revoke all on function registry.authenticate_token(bytea) from public, anon, authenticated;
grant execute on function registry.authenticate_token(bytea) to service_role;

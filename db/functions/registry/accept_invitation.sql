create or replace function registry.accept_invitation(p_hash bytea, p_email text, p_password_hash text) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  -- Only for who has no password yet: a link must not take an account over.
  select l.user_id into v_user_id
  from registry.signin_links l join auth.users u on u.id = l.user_id
  where l.token_hash = p_hash and l.purpose = 'invite' and lower(u.email) = lower(btrim(p_email))
    and not exists (select from registry.credentials c where c.user_id = l.user_id);
  if v_user_id is null or registry.use_signin_link(p_hash) is null then
    return null;
  end if;
  perform registry.set_password(v_user_id, p_password_hash);
  return v_user_id;
end
$$;
comment on function registry.accept_invitation(bytea, text, text) is
  'Signs somebody up by the link they were invited with: membership and first password. Null when the link is not good or not theirs.';
revoke all on function registry.accept_invitation(bytea, text, text) from public, anon, authenticated;
grant execute on function registry.accept_invitation(bytea, text, text) to service_role;

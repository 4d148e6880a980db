create or replace function registry.create_signin_link(p_hash bytea, p_user_id uuid, p_purpose text, p_expires_at timestamptz)
  returns void
  language sql security definer
  set search_path = ''
as $$
  insert into registry.signin_links (token_hash, user_id, purpose, expires_at)
  values (p_hash, p_user_id, p_purpose, p_expires_at);
$$;
comment on function registry.create_signin_link(bytea, uuid, text, timestamptz) is
  'Stores the hash of a link that signs somebody in, once.';
revoke all on function registry.create_signin_link(bytea, uuid, text, timestamptz) from public, anon, authenticated;
grant execute on function registry.create_signin_link(bytea, uuid, text, timestamptz) to service_role;

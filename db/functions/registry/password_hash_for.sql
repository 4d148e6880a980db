create or replace function registry.password_hash_for(p_email text) returns table (user_id uuid, password_hash text)
  language sql stable security definer
  set search_path = ''
as $$
  select c.user_id, c.password_hash
  from auth.users u join registry.credentials c on c.user_id = u.id
  where lower(u.email) = lower(btrim(p_email))
  order by u.created_at, u.id limit 1;
$$;
comment on function registry.password_hash_for(text) is
  'The password hash to check a sign-in against; no row when there is no such person or no password.';
revoke all on function registry.password_hash_for(text) from public, anon, authenticated;
grant execute on function registry.password_hash_for(text) to service_role;

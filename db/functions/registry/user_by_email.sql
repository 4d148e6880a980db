create or replace function registry.user_by_email(p_email text) returns uuid
  language sql stable security definer
  set search_path = ''
as $$
  select u.id from auth.users u where lower(u.email) = lower(btrim(p_email)) order by u.created_at, u.id limit 1;
$$;
comment on function registry.user_by_email(text) is 'The person with that address; null when there is none.';
revoke all on function registry.user_by_email(text) from public, anon, authenticated;
grant execute on function registry.user_by_email(text) to service_role;

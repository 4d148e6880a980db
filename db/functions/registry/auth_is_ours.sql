create or replace function registry.auth_is_ours() returns boolean
  language sql stable security definer
  set search_path = ''
as $$
  select not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = 'auth.users'::regclass and a.attname = 'instance_id' and not a.attisdropped);
$$;
comment on function registry.auth_is_ours() is
  'Whether auth.users is the one our migrations made. On Supabase it is Supabase''s, and so is signing in.';
revoke all on function registry.auth_is_ours() from public, anon, authenticated;
grant execute on function registry.auth_is_ours() to service_role;

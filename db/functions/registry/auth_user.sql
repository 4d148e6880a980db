create or replace function registry.auth_user(p_user_id uuid)
  returns table (id uuid, email text, app_metadata jsonb, user_metadata jsonb, last_sign_in_at timestamptz,
                 created_at timestamptz, updated_at timestamptz)
  language sql stable security definer
  set search_path = ''
as $$
  select u.id, u.email::text, u.raw_app_meta_data, u.raw_user_meta_data, u.last_sign_in_at, u.created_at, u.updated_at
  from auth.users u
  where u.id = p_user_id;
$$;
comment on function registry.auth_user(uuid) is 'A person as /auth/v1 shows them to themselves.';
revoke all on function registry.auth_user(uuid) from public, anon, authenticated;
grant execute on function registry.auth_user(uuid) to service_role;

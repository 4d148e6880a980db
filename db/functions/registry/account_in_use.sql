create or replace function registry.account_in_use(p_user_id uuid) returns boolean
  language sql stable security definer
  set search_path = ''
as $$
  -- On Supabase everybody in auth.users has signed up there, and comes in by that.
  select not registry.auth_is_ours()
    or exists (select from registry.credentials c where c.user_id = p_user_id)
    or exists (select from registry.sessions s where s.user_id = p_user_id)
    or exists (select from registry.auth_sessions s where s.user_id = p_user_id)
    or exists (select from registry.org_members m where m.user_id = p_user_id and m.status = 'active');
$$;
comment on function registry.account_in_use(uuid) is
  'Whether a person has a password (on Supabase, one there), is signed in or belongs to an org: then nobody but they themselves may come in as them.';
revoke all on function registry.account_in_use(uuid) from public, anon, authenticated;

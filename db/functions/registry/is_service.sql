create or replace function registry.is_service() returns boolean
  language sql stable parallel safe
  set search_path = ''
as $$
  -- `set local role` leaves its mark in the setting even inside a definer function, where current_user is the owner.
  select current_setting('role') not in ('authenticated', 'anon');
$$;
comment on function registry.is_service() is
  'Whether the statement runs for the server itself (login role or service_role) and not for a person.';
revoke all on function registry.is_service() from public;
grant execute on function registry.is_service() to authenticated, service_role;

create or replace function registry.is_service() returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  -- `set local role` leaves its mark in the setting even inside a definer function, where current_user is the owner. A
  -- login role that was merely granted `authenticated` is nobody's server, hence the question of membership.
  -- plpgsql, here and in has_role and ops.audit: it keeps its plans, where sql plans anew at every call.
  return pg_has_role(coalesce(nullif(current_setting('role'), 'none'), session_user)::name, 'service_role', 'member');
end
$$;
comment on function registry.is_service() is
  'Whether the statement runs for the server itself (its login role or service_role) and not for a person.';
revoke all on function registry.is_service() from public, anon;
grant execute on function registry.is_service() to authenticated, service_role;

create or replace function registry.member_role(p_org_id uuid) returns text
  language sql stable security definer
  set search_path = ''
as $$
  select (array['viewer', 'developer', 'admin', 'owner'])[least(
    array_position(array['viewer', 'developer', 'admin', 'owner'], m.role),
    case
      when not c.claims ? 'plimsoll_token_id' then 4
      when c.claims ->> 'plimsoll_org_id' is distinct from m.org_id::text then 0
      when c.claims -> 'plimsoll_scopes' ? 'admin' then 3
      when c.claims -> 'plimsoll_scopes' ? 'build' then 2
      when c.claims -> 'plimsoll_scopes' ? 'read' then 1
      else 0
    end)]
  from registry.org_members m, (select auth.jwt() as claims) c
  where m.org_id = p_org_id and m.user_id = auth.uid() and m.status = 'active';
$$;
comment on function registry.member_role(uuid) is
  'The caller''s role in the org, capped by the scopes of an API token; null where there is none.';
revoke all on function registry.member_role(uuid) from public, anon;
grant execute on function registry.member_role(uuid) to authenticated, service_role;

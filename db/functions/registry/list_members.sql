create or replace function registry.list_members(p_org_id uuid)
  returns table (user_id uuid, email text, role text, status text, created_at timestamptz)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform registry.require_role(p_org_id, 'viewer', 'organisation');
  return query
    select m.user_id, u.email::text, m.role, m.status, m.created_at
    from registry.org_members m join auth.users u on u.id = m.user_id
    where m.org_id = p_org_id and m.status <> 'removed'
    order by array_position(array['owner', 'admin', 'developer', 'viewer'], m.role), lower(u.email), m.user_id;
end
$$;
comment on function registry.list_members(uuid) is 'The org''s members and open invitations, owners first.';
revoke all on function registry.list_members(uuid) from public, anon;
grant execute on function registry.list_members(uuid) to authenticated, service_role;

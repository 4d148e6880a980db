create or replace function registry.require_other_owner(p_org_id uuid, p_user_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  perform 1 from registry.orgs o where o.id = p_org_id for no key update;
  if not exists (select from registry.org_members m
                 where m.org_id = p_org_id and m.user_id <> p_user_id and m.role = 'owner' and m.status = 'active') then
    raise sqlstate 'PT409' using message = 'this is the organisation''s last owner: make somebody else an owner first';
  end if;
end
$$;
comment on function registry.require_other_owner(uuid, uuid) is
  'Raises when the org would be left without an owner if this member were none any more. Locks the org, so that two owners cannot both leave.';
revoke all on function registry.require_other_owner(uuid, uuid) from public, anon, authenticated;
grant execute on function registry.require_other_owner(uuid, uuid) to service_role;

alter table registry.org_members enable row level security;
revoke all on registry.org_members from public, anon, authenticated, service_role;
grant select on registry.org_members to authenticated;
grant select, insert, update, delete on registry.org_members to service_role;
create policy members_read on registry.org_members for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

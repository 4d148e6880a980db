alter table ops.environments enable row level security;
revoke all on ops.environments from public, anon, authenticated, service_role;
grant select on ops.environments to authenticated;
grant select, insert, update, delete on ops.environments to service_role;
create policy members_read on ops.environments for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

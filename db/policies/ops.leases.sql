alter table ops.leases enable row level security;
revoke all on ops.leases from public, anon, authenticated, service_role;
grant select on ops.leases to authenticated;
grant select, insert, update, delete on ops.leases to service_role;
create policy members_read on ops.leases for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

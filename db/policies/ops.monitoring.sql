alter table ops.monitoring enable row level security;
revoke all on ops.monitoring from public, anon, authenticated, service_role;
grant select on ops.monitoring to authenticated;
grant select, insert, update, delete on ops.monitoring to service_role;
create policy members_read on ops.monitoring for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

-- Payloads may tell of repositories that members have no access to: admins only.
alter table ops.webhook_deliveries enable row level security;
revoke all on ops.webhook_deliveries from public, anon, authenticated, service_role;
grant select on ops.webhook_deliveries to authenticated;
grant select, insert, update, delete on ops.webhook_deliveries to service_role;
create policy admins_read on ops.webhook_deliveries for select to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('admin'))));

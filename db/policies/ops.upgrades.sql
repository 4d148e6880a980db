-- Admins plan upgrades and write down how they went; triggers note each state in the audit log.
alter table ops.upgrades enable row level security;
revoke all on ops.upgrades from public, anon, authenticated, service_role;
grant select on ops.upgrades to authenticated;
grant select, insert, update, delete on ops.upgrades to service_role;
create policy members_read on ops.upgrades for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
grant insert (id, org_id, project_id, from_version, to_version, status, started_at, completed_at, error_message, rollback_plan, created_by) on ops.upgrades to authenticated;
grant update (status, started_at, completed_at, error_message, rollback_plan) on ops.upgrades to authenticated;
create policy admins_insert on ops.upgrades for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('admin'))) and (created_by is null or created_by = (select auth.uid())));
create policy admins_update on ops.upgrades for update to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('admin'))))
  with check (org_id = any (array(select registry.org_ids_with_role('admin'))));

-- Outside clients add branches by plain inserts; only an admin decides what production is.
alter table ops.branches enable row level security;
revoke all on ops.branches from public, anon, authenticated, service_role;
grant select on ops.branches to authenticated;
grant insert (id, org_id, project_id, name, stage, is_production, git_ref) on ops.branches to authenticated;
grant select, insert, update, delete on ops.branches to service_role;
create policy members_read on ops.branches for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on ops.branches for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))) and not is_production
    or org_id = any (array(select registry.org_ids_with_role('admin'))));

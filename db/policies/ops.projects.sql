-- Outside clients add projects by plain inserts; everything else goes through functions.
alter table ops.projects enable row level security;
revoke all on ops.projects from public, anon, authenticated, service_role;
grant select on ops.projects to authenticated;
grant insert (id, org_id, name, slug, repo_url, default_branch, runtime_version) on ops.projects to authenticated;
grant select, insert, update, delete on ops.projects to service_role;
create policy members_read on ops.projects for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy admins_insert on ops.projects for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('admin'))));

-- Admins see which secrets there are, never their values.
alter table ops.project_secrets enable row level security;
revoke all on ops.project_secrets from public, anon, authenticated, service_role;
grant select (org_id, project_id, name, updated_by, updated_at) on ops.project_secrets to authenticated;
grant select, insert, update, delete on ops.project_secrets to service_role;
create policy admins_read on ops.project_secrets for select to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('admin'))));

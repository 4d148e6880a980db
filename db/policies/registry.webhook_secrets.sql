-- Admins see that there is a secret and how old it is, never the secret.
alter table registry.webhook_secrets enable row level security;
revoke all on registry.webhook_secrets from public, anon, authenticated, service_role;
grant select (org_id, provider, rotated_at) on registry.webhook_secrets to authenticated;
grant select, insert, update, delete on registry.webhook_secrets to service_role;
create policy admins_read on registry.webhook_secrets for select to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('admin'))));

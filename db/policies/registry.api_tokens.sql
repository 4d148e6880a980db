-- Only admins see that tokens exist, and nobody their hashes.
alter table registry.api_tokens enable row level security;
revoke all on registry.api_tokens from public, anon, authenticated, service_role;
grant select (id, org_id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, revoked_at) on registry.api_tokens to authenticated;
grant select, insert, update, delete on registry.api_tokens to service_role;
create policy admins_read on registry.api_tokens for select to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('admin'))));

-- A shared runner (no org) is seen by every member of any org; nobody sees a token's hash.
alter table ops.runners enable row level security;
revoke all on ops.runners from public, anon, authenticated, service_role;
grant select (id, org_id, name, version, os, arch, host, slots, sandbox_level, registered_at, last_seen_at, removed_at) on ops.runners to authenticated;
grant select, insert, update, delete on ops.runners to service_role;
create policy members_read on ops.runners for select to authenticated
  using (org_id is null or org_id = any (array(select ops.my_org_ids())));

alter table registry.orgs enable row level security;
revoke all on registry.orgs from public, anon, authenticated, service_role;
grant select on registry.orgs to authenticated;
grant select, insert, update, delete on registry.orgs to service_role;
create policy members_read on registry.orgs for select to authenticated
  using (id = any (array(select ops.my_org_ids())));

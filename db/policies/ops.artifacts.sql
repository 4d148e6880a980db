alter table ops.artifacts enable row level security;
revoke all on ops.artifacts from public, anon, authenticated, service_role;
grant select on ops.artifacts to authenticated;
grant select, insert, update, delete on ops.artifacts to service_role;
create policy members_read on ops.artifacts for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

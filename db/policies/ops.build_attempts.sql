alter table ops.build_attempts enable row level security;
revoke all on ops.build_attempts from public, anon, authenticated, service_role;
grant select on ops.build_attempts to authenticated;
grant select, insert, update, delete on ops.build_attempts to service_role;
create policy members_read on ops.build_attempts for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

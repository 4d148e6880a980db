alter table ops.fenced_writes enable row level security;
revoke all on ops.fenced_writes from public, anon, authenticated, service_role;
grant select on ops.fenced_writes to authenticated;
grant select, insert, update, delete on ops.fenced_writes to service_role;
create policy members_read on ops.fenced_writes for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

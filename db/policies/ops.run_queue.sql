alter table ops.run_queue enable row level security;
revoke all on ops.run_queue from public, anon, authenticated, service_role;
grant select on ops.run_queue to authenticated;
grant select, insert, update, delete on ops.run_queue to service_role;
create policy members_read on ops.run_queue for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

alter table metrics.test_runs enable row level security;
revoke all on metrics.test_runs from public, anon, authenticated, service_role;
grant select on metrics.test_runs to authenticated;
grant select, insert, update, delete on metrics.test_runs to service_role;
create policy members_read on metrics.test_runs for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

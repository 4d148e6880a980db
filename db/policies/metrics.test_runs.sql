-- Tools of outside report by plain inserts. The runs of builds come from their runner: build_id is not for people to write.
alter table metrics.test_runs enable row level security;
revoke all on metrics.test_runs from public, anon, authenticated, service_role;
grant select on metrics.test_runs to authenticated;
grant insert (id, org_id, project_id, environment, run_id, run_timestamp, total_tests, passed_tests, failed_tests, skipped_tests,
    execution_time_seconds, test_type, branch_name, commit_sha, pr_number, metadata, created_at) on metrics.test_runs to authenticated;
grant select, insert, update, delete on metrics.test_runs to service_role;
create policy members_read on metrics.test_runs for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on metrics.test_runs for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))));

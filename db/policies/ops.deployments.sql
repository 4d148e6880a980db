-- Those who deploy by other means record it by plain inserts, and correct it; what Plimsoll made and measured itself
-- (source runner) is written by the server alone.
alter table ops.deployments enable row level security;
revoke all on ops.deployments from public, anon, authenticated, service_role;
grant select on ops.deployments to authenticated;
grant insert (id, org_id, project_id, environment_id, environment, build_id, external_id, version, commit_sha, branch_name, pr_number, deployed_by,
    source, status, started_at, completed_at, deployed_at, downtime_minutes, downtime_detected_at, error_rate_pct, p95_ms, pool_utilization_pct,
    rollback_reason, metadata, created_at) on ops.deployments to authenticated;
grant update (version, status, started_at, completed_at, deployed_at, downtime_minutes, downtime_detected_at, error_rate_pct, p95_ms,
    pool_utilization_pct, rollback_reason, metadata) on ops.deployments to authenticated;
grant select, insert, update, delete on ops.deployments to service_role;
create policy members_read on ops.deployments for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on ops.deployments for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))) and source <> 'runner');
create policy developers_update on ops.deployments for update to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('developer'))) and source <> 'runner');

-- The server alone makes the figures of a day.
alter table metrics.development_metrics enable row level security;
revoke all on metrics.development_metrics from public, anon, authenticated, service_role;
grant select on metrics.development_metrics to authenticated;
grant select, insert, update, delete on metrics.development_metrics to service_role;
create policy members_read on metrics.development_metrics for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

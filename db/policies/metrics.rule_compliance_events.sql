-- Tools of outside report by plain inserts.
alter table metrics.rule_compliance_events enable row level security;
revoke all on metrics.rule_compliance_events from public, anon, authenticated, service_role;
grant select on metrics.rule_compliance_events to authenticated;
grant insert (id, org_id, project_id, environment, event_timestamp, rule_name, rule_category, compliance_status, context_type, context_id,
    branch_name, violation_details, metadata, created_at) on metrics.rule_compliance_events to authenticated;
grant select, insert, update, delete on metrics.rule_compliance_events to service_role;
create policy members_read on metrics.rule_compliance_events for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on metrics.rule_compliance_events for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))));

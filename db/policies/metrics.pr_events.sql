-- Tools of outside report by plain inserts.
alter table metrics.pr_events enable row level security;
revoke all on metrics.pr_events from public, anon, authenticated, service_role;
grant select on metrics.pr_events to authenticated;
grant insert (id, org_id, project_id, environment, pr_number, pr_title, branch_name, event_type, event_timestamp, author, reviewer, labels,
    cycle_time_seconds, review_time_seconds, metadata, created_at) on metrics.pr_events to authenticated;
grant select, insert, update, delete on metrics.pr_events to service_role;
create policy members_read on metrics.pr_events for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on metrics.pr_events for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))));

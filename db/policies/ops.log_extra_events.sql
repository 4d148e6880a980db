alter table ops.log_extra_events enable row level security;
revoke all on ops.log_extra_events from public, anon, authenticated, service_role;
grant select on ops.log_extra_events to authenticated;
grant select, insert, update, delete on ops.log_extra_events to service_role;
create policy members_read on ops.log_extra_events for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

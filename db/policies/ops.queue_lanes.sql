alter table ops.queue_lanes enable row level security;
revoke all on ops.queue_lanes from public, anon, authenticated, service_role;
grant select on ops.queue_lanes to authenticated;
grant select, insert, update, delete on ops.queue_lanes to service_role;
create policy members_read on ops.queue_lanes for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

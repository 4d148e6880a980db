-- Recorded from outside as deployments are; ops.fill_rollback keeps people off those of Plimsoll's own deployments.
alter table ops.rollbacks enable row level security;
revoke all on ops.rollbacks from public, anon, authenticated, service_role;
grant select on ops.rollbacks to authenticated;
grant insert (id, org_id, deployment_id, rollback_trigger, rollback_type, triggered_at, completed_at, rollback_success, rollback_reason, created_at)
  on ops.rollbacks to authenticated;
grant update (completed_at, rollback_success, rollback_reason) on ops.rollbacks to authenticated;
grant select, insert, update, delete on ops.rollbacks to service_role;
create policy members_read on ops.rollbacks for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on ops.rollbacks for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))));
create policy developers_update on ops.rollbacks for update to authenticated
  using (org_id = any (array(select registry.org_ids_with_role('developer'))));

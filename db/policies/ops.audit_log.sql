alter table ops.audit_log enable row level security;
revoke all on ops.audit_log from public, anon, authenticated, service_role;
grant select on ops.audit_log to authenticated;
grant select, insert, update, delete on ops.audit_log to service_role;
create policy members_read on ops.audit_log for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

alter table ops.ai_action_ledger enable row level security;
revoke all on ops.ai_action_ledger from public, anon, authenticated, service_role;
grant select on ops.ai_action_ledger to authenticated;
grant select, insert, update, delete on ops.ai_action_ledger to service_role;
create policy members_read on ops.ai_action_ledger for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

-- Rows of the whole installation have no org: no member's list holds that, so service_role alone reads them.
alter table ops.system_metrics enable row level security;
revoke all on ops.system_metrics from public, anon, authenticated, service_role;
grant select on ops.system_metrics to authenticated;
grant select, insert, update, delete on ops.system_metrics to service_role;
create policy members_read on ops.system_metrics for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

-- A partition that is named directly answers to its own policies, not to its parent's: it has none, and no grants.
do $$
declare
  p regclass;
begin
  for p in select relid from pg_partition_tree('ops.system_metrics') where level > 0 loop
    execute format('alter table %s enable row level security', p);
    execute format('revoke all on %s from public, anon, authenticated, service_role', p);
  end loop;
end
$$;

alter table ops.metrics enable row level security;
revoke all on ops.metrics from public, anon, authenticated, service_role;
grant select on ops.metrics to authenticated;
grant select, insert, update, delete on ops.metrics to service_role;
create policy members_read on ops.metrics for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

-- A partition that is named directly answers to its own policies, not to its parent's: it has none, and no grants.
do $$
declare
  p regclass;
begin
  for p in select relid from pg_partition_tree('ops.metrics') where level > 0 loop
    execute format('alter table %s enable row level security', p);
    execute format('revoke all on %s from public, anon, authenticated, service_role', p);
  end loop;
end
$$;

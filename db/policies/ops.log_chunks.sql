alter table ops.log_chunks enable row level security;
revoke all on ops.log_chunks from public, anon, authenticated, service_role;
grant select on ops.log_chunks to authenticated;
grant select, insert, update, delete on ops.log_chunks to service_role;
create policy members_read on ops.log_chunks for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

-- A partition that is named directly answers to its own policies, not to its parent's: it has none, and no grants.
do $$
declare
  p regclass;
begin
  for p in select relid from pg_partition_tree('ops.log_chunks') where level > 0 loop
    execute format('alter table %s enable row level security', p);
    execute format('revoke all on %s from public, anon, authenticated, service_role', p);
  end loop;
end
$$;

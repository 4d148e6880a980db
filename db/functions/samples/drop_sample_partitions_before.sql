create or replace function ops.drop_sample_partitions_before(p_day date) returns integer
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_name text;
  v_dropped integer := 0;
begin
  for v_name in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent in ('ops.metrics'::regclass, 'ops.system_metrics'::regclass) and c.relname ~ '^(system_)?metrics_[0-9]{8}$'
        and to_date(right(c.relname, 8), 'YYYYMMDD') + 7 <= p_day
  loop
    execute format('drop table ops.%I', v_name);
    v_dropped := v_dropped + 1;
  end loop;
  delete from ops.metrics_default where ts < p_day::timestamp at time zone 'utc';
  delete from ops.system_metrics_default where recorded_at < p_day::timestamp at time zone 'utc';
  return v_dropped;
end
$$;
comment on function ops.drop_sample_partitions_before(date) is
  'Forgets samples of before p_day, by whole weeks; answers how many partitions were dropped.';
revoke all on function ops.drop_sample_partitions_before(date) from public, anon, authenticated;
grant execute on function ops.drop_sample_partitions_before(date) to service_role;

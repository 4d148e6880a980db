-- New partitions are as closed as old ones: a partition that is named directly answers nobody.
do $$
declare
  p regclass;
begin
  perform ops.ensure_log_partitions(2);
  for p in select relid from pg_partition_tree('ops.log_chunks') where level > 0 loop
    perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
    perform pg_temp.fails(format('select 1 from %s', p), '42501');
    perform pg_temp.act_as_service();
    perform pg_temp.fails(format('select 1 from %s', p), '42501');
    perform pg_temp.act_as_server();
    perform pg_temp.equal('row level security of ' || p, (select relrowsecurity from pg_class where oid = p), true);
  end loop;
end $$;

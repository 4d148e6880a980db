-- Partitions are made ahead and dropped by whole weeks; a row finds a place in any case, and nobody enters by a side door.
do $$
declare
  p regclass;
  v_project uuid := pg_temp.project_of('a');
begin
  delete from ops.metrics;
  delete from ops.system_metrics;
  perform pg_temp.equal('made', ops.ensure_sample_partitions(2), 6);
  perform pg_temp.equal('made again', ops.ensure_sample_partitions(2), 0);
  perform pg_temp.equal('made further', ops.ensure_sample_partitions(3), 2);
  for p in select relid from pg_partition_tree('ops.metrics') where level > 0 union all select relid from pg_partition_tree('ops.system_metrics') where level > 0 loop
    perform pg_temp.equal('row level security of ' || p, (select relrowsecurity from pg_class where oid = p), true);
    perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
    perform pg_temp.fails(format('select 1 from %s', p), '42501');
    perform pg_temp.act_as_server();
  end loop;

  perform pg_temp.act_as_service();
  insert into ops.metrics (project_id, ts, metric, value) values (v_project, now(), 'now', 1), (v_project, now() - interval '1 year', 'old', 1);
  insert into ops.system_metrics (metric_name, value) values ('now', 1);
  perform pg_temp.fails(format('insert into ops.metrics (project_id, metric, value) values (%L, ''cpu'', ''NaN'')', v_project), '23514');
  perform pg_temp.fails(format('insert into ops.metrics (org_id, project_id, metric, value) values (%L, %L, ''cpu'', 1)', pg_temp.org_of('b'), v_project), '23503');
  perform pg_temp.act_as_server();
  perform pg_temp.equal('where they are', (select string_agg(m.metric || case when m.tableoid::regclass::text ~ '_[0-9]{8}$' then ' in its week' else ' in the default' end, ', ' order by m.metric) from ops.metrics m),
    'now in its week, old in the default');

  perform pg_temp.equal('nothing is past retention', ops.drop_sample_partitions_before((now() - interval '2 years')::date), 0);
  perform pg_temp.equal('kept', (select count(*) from ops.metrics), 2);
  perform ops.drop_sample_partitions_before((now() - interval '90 days')::date);
  perform pg_temp.equal('the old one is forgotten', (select array_agg(m.metric::text) from ops.metrics m), array['now']);
  perform pg_temp.equal('dropped', ops.drop_sample_partitions_before((now() + interval '60 days')::date), 8);
  perform pg_temp.equal('left', (select count(*) from ops.metrics) + (select count(*) from ops.system_metrics), 0);
end $$;

-- A week of which the default partition holds rows stays there.
do $$
begin
  perform pg_temp.act_as_server();
  insert into ops.metrics (project_id, ts, metric, value) values (pg_temp.project_of('a'), now(), 'early', 1);
  perform pg_temp.equal('made', ops.ensure_sample_partitions(1), 3);
  perform pg_temp.equal('still read', (select count(*) from ops.metrics m where m.metric = 'early'), 1);
end $$;

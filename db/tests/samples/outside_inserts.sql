-- Plain inserts by outside clients, who know neither org_id nor our triggers.
do $$
declare
  v_project uuid := pg_temp.project_of('a');
  v_branch uuid := pg_temp.branch_of('a', 1);
  v_other uuid := pg_temp.project_of('b');
  v_insert text := 'insert into ops.metrics (project_id, ts, metric, value) values (%L, now(), %L, %L)';
  v_full text := 'insert into ops.metrics (org_id, project_id, branch_id, metric, value, dims) values (%L, %L, %L, ''x'', 1, %L)';
  c record;
begin
  perform pg_temp.act_as_service();
  execute format(v_insert, v_project, 'latency_ms', 12.5);
  perform pg_temp.equal('org', (select m.org_id from ops.metrics m where m.metric = 'latency_ms'), pg_temp.org_of('a'));
  perform pg_temp.equal('dims', (select m.dims from ops.metrics m where m.metric = 'latency_ms'), '{}'::jsonb);
  execute format(v_full, pg_temp.org_of('a'), v_project, v_branch, '{"host": "h"}');

  for c in
    select * from (values
      ('cpu pct', '1', '23514'), ('1cpu', '1', '23514'), ('', '1', '23514'), ('cpu-pct', '1', '23514'), ('cpu' || chr(10), '1', '23514'),
      (repeat('m', 201), '1', '23514'), ('cpu', 'NaN', '23514'), ('cpu', 'Infinity', '23514'), ('cpu', '-Infinity', '23514'),
      (null, '1', '23502'), ('cpu', null, '23502')
    ) t(metric, value, error)
  loop
    perform pg_temp.fails(format(v_insert, v_project, c.metric, c.value), c.error);
  end loop;
  perform pg_temp.fails(format(v_full, pg_temp.org_of('a'), v_project, null, '[]'), '23514', 'metrics_dims_is_an_object');
  perform pg_temp.fails('insert into ops.metrics (project_id, ts, metric, value) values (' || quote_literal(v_project) || ', ''infinity'', ''x'', 1)',
    '23514', 'metrics_ts_is_finite');
  -- What is not there, or not together.
  perform pg_temp.fails(format(v_insert, gen_random_uuid(), 'x', 1), 'PT404', 'no such project');
  perform pg_temp.fails(format(v_full, pg_temp.org_of('b'), v_project, null, '{}'), '23503', 'names what is not there');
  perform pg_temp.fails(format(v_full, pg_temp.org_of('a'), v_other, null, '{}'), '23503', 'names what is not there');
  perform pg_temp.fails(format(v_full, pg_temp.org_of('a'), v_project, pg_temp.branch_of('b', 1), '{}'), '23503', 'names what is not there');
  perform pg_temp.fails(format('update ops.metrics set org_id = %L where project_id = %L', pg_temp.org_of('b'), v_project), '23503', 'names what is not there');
  perform pg_temp.fails(format('update ops.metrics set branch_id = %L where project_id = %L', gen_random_uuid(), v_project), '23503', 'names what is not there');

  -- One row a branch, known by the branch alone.
  delete from ops.monitoring;
  insert into ops.monitoring (branch_id, status) values (v_branch, 'healthy');
  insert into ops.monitoring as m (branch_id, status, error_rate) values (v_branch, 'critical', 12)
    on conflict (branch_id) do update set status = excluded.status, error_rate = excluded.error_rate;
  perform pg_temp.equal('monitoring', (select format('%s %s %s %s', m.org_id, m.project_id, m.status, m.error_rate) from ops.monitoring m),
    format('%s %s critical 12', pg_temp.org_of('a'), v_project));
  perform pg_temp.fails(format('insert into ops.monitoring (branch_id) values (%L)', gen_random_uuid()), 'PT404', 'no such branch');
  perform pg_temp.fails(format('insert into ops.monitoring (org_id, branch_id) values (%L, %L)', pg_temp.org_of('b'), pg_temp.branch_of('a', 2)), '23503');
  perform pg_temp.fails(format('insert into ops.monitoring (project_id, branch_id) values (%L, %L)', v_other, pg_temp.branch_of('a', 2)), '23503');

  insert into ops.advisories (project_id, severity, category, title) values (v_project, 'warning', 'cost', 'One'), (v_project, 'warning', 'cost', 'Two');
  perform pg_temp.equal('advisories without a key', (select count(distinct a.key) from ops.advisories a where a.category = 'cost'), 2);
  perform pg_temp.fails(format('insert into ops.advisories (org_id, project_id, title) values (%L, %L, ''x'')', pg_temp.org_of('b'), v_project), '23503');

  -- People read, and that is all.
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  for c in select unnest(array['metrics', 'system_metrics', 'monitoring', 'advisories', 'ingest_jobs', 'ai_action_ledger']) as name loop
    perform pg_temp.fails(format('insert into ops.%I default values', c.name), '42501');
    perform pg_temp.fails(format('delete from ops.%I', c.name), '42501');
  end loop;
end $$;

-- What belongs to the whole installation is no org's to read, but where there is one org it is that one's.
do $$
begin
  perform pg_temp.act_as_service();
  insert into ops.system_metrics (metric_name, value) values ('wal_rate', 5);
  perform pg_temp.equal('two orgs', (select m.org_id from ops.system_metrics m where m.metric_name = 'wal_rate'), null);
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.equal('seen by an owner', (select array_agg(m.metric_name::text) from ops.system_metrics m), array['queue_depth']);
  perform pg_temp.act_as_server();
  delete from registry.orgs where id = pg_temp.org_of('b');
  perform pg_temp.act_as_service();
  insert into ops.system_metrics (metric_name, value) values ('wal_rate', 6);
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.equal('one org', (select m.value from ops.system_metrics m where m.metric_name = 'wal_rate'), 6);

  -- Samples go with their project, though no foreign key says so.
  perform pg_temp.act_as_server();
  perform pg_temp.equal('samples of an org that is gone', (select count(*) from ops.metrics m where m.org_id = pg_temp.org_of('b')), 0);
  perform pg_temp.equal('samples of one that is not', (select count(*) from ops.metrics m where m.org_id = pg_temp.org_of('a')) > 0, true);
end $$;

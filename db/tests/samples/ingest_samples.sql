do $$
declare
  v_project uuid := pg_temp.project_of('a');
  v_ingest text := 'select ops.ingest_samples(%L, %L, %L, %L, %L, %L::jsonb[])';
  v_now timestamptz := now();
  c record;
begin
  perform pg_temp.act_as_service();
  delete from ops.metrics;
  perform pg_temp.equal('inserted', ops.ingest_samples(v_project, pg_temp.branch_of('a', 2), v_now, array['cpu_pct', 'mem_mb'], array[45.2, 900],
    array['{"host": "web-1"}', null]::jsonb[]), 2);
  perform pg_temp.equal('samples', (select string_agg(concat_ws(' ', m.org_id, m.branch_id, m.ts = v_now, m.metric, m.value, m.dims), ', ' order by m.metric) from ops.metrics m),
    format('%s %s t cpu_pct 45.2 {"host": "web-1"}, %1$s %2$s t mem_mb 900 {}', pg_temp.org_of('a'), pg_temp.branch_of('a', 2)));
  perform pg_temp.equal('nothing to insert', ops.ingest_samples(v_project, null, v_now, '{}', '{}'), 0);

  for c in
    select * from (values
      (v_project, null::uuid, now(), '{ok,not ok}', '{1,2}', null, 'PT400', 'sample 1, counted from 0, cannot be stored: its metric is ''not ok''', null),
      (v_project, null, now(), '{ok,NULL}', '{1,2}', null, 'PT400', 'sample 1, counted from 0, cannot be stored: its metric is null', null),
      (v_project, null, now(), '{ok,fine}', '{1,NaN}', null, 'PT400', 'sample 1, counted from 0, cannot be stored: its value is NaN', null),
      (v_project, null, now(), '{ok,fine}', '{-Infinity,2}', null, 'PT400', 'sample 0, counted from 0, cannot be stored: its value is -Infinity', null),
      (v_project, null, now(), '{ok,fine}', '{1}', null, 'PT400', 'sample 1, counted from 0, cannot be stored: its value is null', null),
      (v_project, null, now(), '{ok}', '{1}', '{"[]"}', 'PT400', 'sample 0, counted from 0, cannot be stored: its dims must be a JSON object', null),
      (v_project, null, null, '{ok}', '{1}', null, 'PT400', 'p_ts must say when', null),
      (v_project, null, 'infinity', '{ok}', '{1}', null, 'PT400', 'p_ts must say when', null),
      (v_project, gen_random_uuid(), now(), '{ok}', '{1}', null, 'PT404', 'no such branch in the project', null),
      (v_project, pg_temp.branch_of('b', 1), now(), '{ok}', '{1}', null, 'PT404', 'no such branch in the project', null),
      (gen_random_uuid(), null, now(), '{ok}', '{1}', null, 'PT404', 'no such project', null)
    ) t(project, branch, ts, metrics, samples, dims, error, message, unused)
  loop
    perform pg_temp.fails(format(v_ingest, c.project, c.branch, c.ts, c.metrics, c.samples, c.dims), c.error, c.message);
  end loop;
  perform pg_temp.equal('all or nothing', (select count(*) from ops.metrics), 2);

  -- A repeat answers what the first did; the key means that one request.
  perform pg_temp.equal('first', ops.ingest_samples(v_project, null, v_now, '{a,b}', '{1,2}', p_idempotency_key => 'k'), 2);
  perform pg_temp.equal('again', ops.ingest_samples(v_project, null, v_now, '{a,b}', '{1,2}', p_idempotency_key => 'k'), 2);
  perform pg_temp.equal('once', (select count(*) from ops.metrics), 4);
  perform pg_temp.fails(format('select ops.ingest_samples(%L, null, %L, ''{a,b}'', ''{1,3}'', p_idempotency_key => ''k'')', v_project, v_now), 'PT409', 'another request');
  perform pg_temp.fails(format('select ops.ingest_samples(%L, null, %L, ''{a,b}'', ''{1,2}'', p_idempotency_key => ''k'')', pg_temp.project_of('b'), v_now), 'PT409', 'another request');
  perform pg_temp.fails(format('select ops.ingest_samples(%L, null, %L, ''{a,b}'', ''{1,NaN}'', p_idempotency_key => ''k2'')', v_project, v_now), 'PT400', 'sample 1');
  perform pg_temp.equal('a refused request leaves its key free', ops.ingest_samples(v_project, null, v_now, '{a}', '{1}', p_idempotency_key => 'k2'), 1);

  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails(format(v_ingest, v_project, null, v_now, '{ok}', '{1}', null), '42501');
end $$;

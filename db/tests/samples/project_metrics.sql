do $$
declare
  v_project uuid := pg_temp.project_of('a');
  v_call text := 'select * from ops.project_metrics(%L, %L, %L)';
begin
  perform pg_temp.act_as_service();
  delete from ops.metrics;
  insert into ops.metrics (project_id, ts, metric, value, dims)
  select v_project, now() - n * interval '1 hour', 'cpu_pct', n, jsonb_build_object('n', n) from generate_series(0, 30) n;
  insert into ops.metrics (project_id, metric, value) values (v_project, 'mem_mb', 1), (pg_temp.project_of('b'), 'cpu_pct', 1000);

  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.equal('a day, oldest first', (select array_agg(m.value order by n) from ops.project_metrics(v_project, 'cpu_pct') with ordinality m(ts, value, dims, n)),
    array(select g::double precision from generate_series(24, 0, -1) g));
  perform pg_temp.equal('two hours', (select string_agg(m.dims ->> 'n', ',') from ops.project_metrics(v_project, 'cpu_pct', 2) m), '2,1,0');
  perform pg_temp.equal('of one name', (select count(*) from ops.project_metrics(v_project, 'mem_mb')), 1);
  perform pg_temp.equal('unknown', (select count(*) from ops.project_metrics(v_project, 'nothing')), 0);
  perform pg_temp.equal('for ever', (select count(*) from ops.project_metrics(v_project, 'cpu_pct', 2147483647)), 31);
  perform pg_temp.fails(format(v_call, v_project, 'cpu_pct', 0), 'PT400', 'p_hours is 0');
  perform pg_temp.fails(format(v_call, v_project, 'cpu_pct', null), 'PT400', 'p_hours is null');
  perform pg_temp.fails(format(v_call, v_project, null, 1), 'PT400', 'p_metric');
  perform pg_temp.fails(format(v_call, pg_temp.project_of('b'), 'cpu_pct', 1), 'PT404', 'no such project');
  perform pg_temp.fails(format(v_call, gen_random_uuid(), 'cpu_pct', 1), 'PT404', 'no such project');
  perform pg_temp.act_as(pg_temp.user_of('a', 'removed'));
  perform pg_temp.fails(format(v_call, v_project, 'cpu_pct', 1), 'PT404', 'no such project');
end $$;

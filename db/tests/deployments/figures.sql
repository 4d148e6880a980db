create function pg_temp.rate(p_days integer default 30, p_env text default 'all') returns text language sql as
  $$ select r::text from ops.calculate_deployment_success_rate(p_days, p_env) r $$;

do $$
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  -- Of the samples: one success, one rolled back, one failed on staging, one that still runs.
  perform pg_temp.equal('as called by outside clients', (select r::text from ops.calculate_deployment_success_rate() r), '(1,3,33.33)');
  perform pg_temp.equal('production', pg_temp.rate(30, 'production'), '(1,2,50.00)');
  perform pg_temp.equal('staging', pg_temp.rate(30, 'staging'), '(0,1,0.00)');
  perform pg_temp.equal('without data', pg_temp.rate(30, 'development'), '(0,0,)');
  perform pg_temp.equal('of a project', (select r::text from ops.calculate_deployment_success_rate(p_project_id => pg_temp.project_of('a')) r), '(1,3,33.33)');
  perform pg_temp.equal('of another org''s', (select r::text from ops.calculate_deployment_success_rate(p_project_id => pg_temp.project_of('b')) r), '(0,0,)');
  perform pg_temp.equal('of the last two days', pg_temp.rate(2), '(0,2,0.00)');
  perform pg_temp.fails('select * from ops.calculate_deployment_success_rate(0)', 'PT400', 'days_back is 0: it is 1 to 36500');
  perform pg_temp.fails('select * from ops.calculate_deployment_success_rate(2147483647)', 'PT400', 'days_back');
  perform pg_temp.fails('select * from ops.calculate_deployment_success_rate(null)', 'PT400', 'days_back is null');
  perform pg_temp.fails('select * from ops.calculate_deployment_success_rate(env => null)', 'PT400', 'env is null');
  perform pg_temp.act_as(gen_random_uuid());
  perform pg_temp.equal('for a stranger', pg_temp.rate(), '(0,0,)');
  perform pg_temp.act_as_service();
  perform pg_temp.equal('for the server', pg_temp.rate(), '(2,6,33.33)');
end $$;

-- An event of a deployment counts at once, and its rollback takes it back.
do $$
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  insert into metrics.deployment_events (deployment_id, status) values ('x', 'success');
  perform pg_temp.equal('counted', pg_temp.rate(), '(2,4,50.00)');
  insert into ops.rollback_logs (deployment_id) select id from metrics.deployment_events where deployment_id = 'x';
  perform pg_temp.equal('rolled back', pg_temp.rate(), '(1,4,25.00)');
end $$;

do $$
declare
  f text := 'select metrics.calculate_deployment_frequency(%L, %L)';
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  insert into metrics.deployment_events (environment, status, deployed_at)
    select e, s, t::timestamptz from (values ('production', 'success', '2026-03-01 00:00'), ('production', 'failure', '2026-03-03 12:00'),
      ('production', 'rollback', '2026-03-07 23:59:59'), ('development', 'success', '2026-03-02 00:00')) v(e, s, t);
  -- Dates stand for whole days.
  perform pg_temp.equal('a week', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-07'), 0.4286);
  perform pg_temp.equal('all of it', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-07', 'all'), 0.5714);
  perform pg_temp.equal('of another project', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-07', p_project_id => gen_random_uuid()), null);
  perform pg_temp.equal('local is development', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-07', env => 'local'), 0.1429);
  perform pg_temp.equal('a day', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-01'), 1);
  -- Times stand for themselves, both included.
  perform pg_temp.equal('times', metrics.calculate_deployment_frequency('2026-03-03 12:00', '2026-03-07 23:59:59'), 0.4444);
  perform pg_temp.equal('a moment', metrics.calculate_deployment_frequency('2026-03-03 12:00', '2026-03-03 12:00'), 1);
  perform pg_temp.equal('a span without any', metrics.calculate_deployment_frequency('2026-03-04', '2026-03-05'), 0);
  perform pg_temp.equal('before the first', metrics.calculate_deployment_frequency('2026-02-01', '2026-02-28'), null);
  perform pg_temp.equal('where none ever was', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-07', 'moon'), null);
  perform pg_temp.fails(format(f, '2026-03-07', '2026-03-01'), 'PT400', 'is after end_date');
  perform pg_temp.fails(format(f, null, '2026-03-01'), 'PT400', 'both needed');
  perform pg_temp.fails(format(f, '2026-03-07', 'infinity'), 'PT400', 'both needed');
  perform pg_temp.fails('select metrics.calculate_deployment_frequency(now(), now(), null)', 'PT400', 'env is null');
  perform pg_temp.act_as(pg_temp.user_of('b', 'developer'));
  perform pg_temp.equal('of another org', metrics.calculate_deployment_frequency('2026-03-01', '2026-03-07', 'all'), null);
end $$;

do $$
declare
  v_function text;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.equal('no pull request', metrics.calculate_avg_pr_cycle_time('2026-03-01', '2026-03-31'), null);
  perform pg_temp.equal('no test run', metrics.calculate_avg_test_pass_rate('2026-03-01', '2026-03-31'), null);
  perform pg_temp.equal('no rule event', metrics.calculate_rule_compliance_rate('2026-03-01', '2026-03-31'), null);

  insert into metrics.pr_events (pr_number, event_type, event_timestamp, cycle_time_seconds, environment) values
    (1, 'created', '2026-03-01 10:00', null, 'production'), (1, 'reviewed', '2026-03-01 11:00', null, 'production'), (1, 'merged', '2026-03-01 12:00', null, 'production'),
    -- What the sender knows is believed; what nobody knows does not count; nor what is not merged, or merged on another day.
    (2, 'created', '2026-03-01 10:00', null, 'staging'), (2, 'merged', '2026-03-31 23:59:59.9', 3600, 'staging'),
    (3, 'merged', '2026-03-05', null, 'production'), (4, 'closed', '2026-03-05', 99, 'production'), (5, 'merged', '2026-04-01', 99, 'production'),
    (6, 'created', '2026-03-09', null, 'production'), (6, 'merged', '2026-03-08', null, 'production');
  perform pg_temp.equal('cycle time', metrics.calculate_avg_pr_cycle_time('2026-03-01', '2026-03-31'), 5400.00);
  perform pg_temp.equal('by names', metrics.calculate_avg_pr_cycle_time(start_date => '2026-03-01', end_date => '2026-03-30'), 7200.00);
  perform pg_temp.equal('of one environment', metrics.calculate_avg_pr_cycle_time('2026-03-01', '2026-03-31', 'staging'), 3600.00);
  perform pg_temp.equal('of the last month', metrics.calculate_avg_pr_cycle_time(now() - interval '30 days', now()), 86400.00);

  insert into metrics.test_runs (run_id, run_timestamp, total_tests, passed_tests, failed_tests, skipped_tests, environment) values
    ('1', '2026-03-01', 10, 9, 1, 0, 'local'), ('2', '2026-03-02', 5, 2, 1, 2, 'production'), ('3', '2026-03-03', 5, 0, 0, 5, 'production'), ('4', '2026-03-04', 0, 0, 0, 0, 'production');
  perform pg_temp.equal('pass rate', metrics.calculate_avg_test_pass_rate('2026-03-01', '2026-03-31'), 78.33);
  perform pg_temp.equal('of one environment', metrics.calculate_avg_test_pass_rate('2026-03-01', '2026-03-31', env => 'local'), 90.00);
  perform pg_temp.equal('of a project', metrics.calculate_avg_test_pass_rate('2026-03-01', '2026-03-31', p_project_id => pg_temp.project_of('a')), 78.33);
  perform pg_temp.equal('of another project', metrics.calculate_avg_test_pass_rate('2026-03-01', '2026-03-31', p_project_id => gen_random_uuid()), null);
  perform pg_temp.equal('pull requests of another project', metrics.calculate_avg_pr_cycle_time('2026-03-01', '2026-03-31', p_project_id => gen_random_uuid()), null);
  perform pg_temp.equal('rules of another project', metrics.calculate_rule_compliance_rate('2026-01-01', now(), p_project_id => gen_random_uuid()), null);
  perform pg_temp.equal('all skipped', metrics.calculate_avg_test_pass_rate('2026-03-03', '2026-03-04'), null);

  insert into metrics.rule_compliance_events (event_timestamp, rule_name, rule_category, compliance_status, context_type, environment)
    select '2026-03-01', 'x', 'foundation', s, 'commit', e from (values ('compliant', 'local'), ('compliant', 'production'), ('warning', 'production')) v(s, e);
  perform pg_temp.equal('compliance', metrics.calculate_rule_compliance_rate('2026-03-01', '2026-03-01'), 66.67);
  perform pg_temp.equal('of one environment', metrics.calculate_rule_compliance_rate('2026-03-01', '2026-03-01', 'local'), 100.00);

  foreach v_function in array array['calculate_avg_pr_cycle_time', 'calculate_avg_test_pass_rate', 'calculate_rule_compliance_rate'] loop
    perform pg_temp.fails(format('select metrics.%I(''2026-03-02'', ''2026-03-01'')', v_function), 'PT400', 'is after end_date');
    perform pg_temp.fails(format('select metrics.%I(''2026-03-02'', null)', v_function), 'PT400', 'both needed');
    perform pg_temp.fails(format('select metrics.%I(''2026-03-02'', ''2026-03-03'', ''prod'')', v_function), 'PT400', 'env is prod: it is one of local, staging, production, all');
    perform pg_temp.fails(format('select metrics.%I(''2026-03-02'', ''2026-03-03'', null)', v_function), 'PT400', 'env is null');
  end loop;

  perform pg_temp.act_as(pg_temp.user_of('b', 'developer'));
  perform pg_temp.equal('pull requests of another org', metrics.calculate_avg_pr_cycle_time('2026-03-01', '2026-03-31'), null);
  perform pg_temp.equal('test runs of another org', metrics.calculate_avg_test_pass_rate('2026-03-01', '2026-03-31'), null);
  perform pg_temp.equal('rules of another org', metrics.calculate_rule_compliance_rate('2026-03-01', '2026-03-31'), null);
  perform pg_temp.act_as_service();
  perform pg_temp.equal('for the server', metrics.calculate_avg_pr_cycle_time('2026-03-01', '2026-03-31'), 5400.00);
end $$;

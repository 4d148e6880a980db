-- Plain inserts by tools of outside: what is left out is filled, by whom and where is checked.
do $$
declare
  v_pr metrics.pr_events;
  v_rule metrics.rule_compliance_events;
  v_run metrics.test_runs;
begin
  perform pg_temp.act_as_token('a', 'developer', 'build');
  insert into metrics.pr_events (pr_number, event_type, review_time_seconds) values (8, 'reviewed', 31536000) returning * into v_pr;
  perform pg_temp.equal('pull request', (v_pr.org_id, v_pr.project_id, v_pr.environment, v_pr.event_timestamp, v_pr.labels, v_pr.metadata)::text,
    (pg_temp.org_of('a'), pg_temp.project_of('a'), 'production', now(), '{}'::text[], '{}'::jsonb)::text);
  insert into metrics.rule_compliance_events (rule_name, rule_category, compliance_status, context_type, environment)
    values ('tests-first', 'implementation', 'warning', 'pr', 'local') returning * into v_rule;
  perform pg_temp.equal('rule', (v_rule.project_id, v_rule.environment)::text, (pg_temp.project_of('a'), 'local')::text);
  insert into metrics.test_runs (run_id, total_tests, passed_tests, failed_tests) values ('ci-1', 4, 3, 1) returning * into v_run;
  perform pg_temp.equal('test run', (v_run.project_id, v_run.environment, v_run.pass_rate, v_run.skipped_tests, v_run.test_type)::text,
    (pg_temp.project_of('a'), 'production', 75.000, 0, 'all')::text);
  insert into metrics.test_runs (run_id, total_tests, passed_tests, failed_tests, branch_name) values ('ci-2', 1, 1, 0, 'feature/x') returning * into v_run;
  perform pg_temp.equal('on a development branch', v_run.environment, 'local');
  insert into metrics.test_runs (run_id, total_tests, passed_tests, failed_tests, branch_name) values ('ci-3', 1, 1, 0, 'staging') returning * into v_run;
  perform pg_temp.equal('on a staging branch', v_run.environment, 'staging');
  insert into metrics.test_runs (run_id, total_tests, passed_tests, failed_tests, branch_name, environment) values ('ci-4', 1, 1, 0, 'staging', 'local') returning * into v_run;
  perform pg_temp.equal('as said', v_run.environment, 'local');
end $$;

do $$
declare
  c record;
  v_org uuid := pg_temp.org_of('a');
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  insert into metrics.pr_events (pr_number, event_type, event_timestamp) values (9, 'merged', '2026-03-01');
  for c in
    select * from (values
      ('pr_events', 'pr_number, event_type, event_timestamp', '9, ''merged'', ''2026-03-01''', '23505', 'pr_number'),
      ('pr_events', 'pr_number, event_type', '9, ''opened''', '23514', 'event_type'),
      ('pr_events', 'pr_number, event_type', '0, ''merged''', '23514', 'pr_number'),
      ('pr_events', 'event_type', '''merged''', '23502', 'pr_number'),
      ('pr_events', 'pr_number, event_type, review_time_seconds', '9, ''merged'', -1', '23514', 'review_time_seconds_is_0_to_one_year'),
      ('pr_events', 'pr_number, event_type, cycle_time_seconds', '9, ''merged'', 31536001', '23514', 'cycle_time_seconds_is_0_to_one_year'),
      ('pr_events', 'pr_number, event_type, cycle_time_seconds', '9, ''merged'', ''NaN''', '23514', 'cycle_time_seconds_is_0_to_one_year'),
      ('pr_events', 'pr_number, event_type, environment', '9, ''merged'', ''development''', '23514', 'environment'),
      ('pr_events', 'pr_number, event_type, project_id', '9, ''merged'', pg_temp.project_of(''b'')', 'PT404', 'no such project'),
      ('pr_events', 'pr_number, event_type, project_id, org_id', '9, ''merged'', pg_temp.project_of(''b''), pg_temp.org_of(''a'')', '23503', ''),
      ('pr_events', 'pr_number, event_type, project_id, org_id', '9, ''merged'', pg_temp.project_of(''b''), pg_temp.org_of(''b'')', '42501', ''),
      ('rule_compliance_events', 'rule_name, rule_category, compliance_status, context_type', '''x'', ''other'', ''compliant'', ''pr''', '23514', 'rule_category'),
      ('rule_compliance_events', 'rule_name, rule_category, compliance_status, context_type', '''x'', ''foundation'', ''ok'', ''pr''', '23514', 'compliance_status'),
      ('rule_compliance_events', 'rule_name, rule_category, compliance_status, context_type', '''x'', ''foundation'', ''compliant'', ''chat''', '23514', 'context_type'),
      ('test_runs', 'run_id, total_tests, passed_tests, failed_tests', '''x'', 1, 1, 1', '23514', ''),
      ('test_runs', 'run_id, total_tests, passed_tests, failed_tests, pass_rate', '''x'', 1, 1, 0, 100', '428C9', ''),
      ('test_runs', 'run_id, total_tests, passed_tests, failed_tests, build_id', '''x'', 1, 1, 0, gen_random_uuid()', '42501', ''),
      ('test_runs', 'run_id, total_tests, passed_tests, failed_tests, test_type', '''x'', 1, 1, 0, ''smoke''', '23514', 'test_type'),
      ('development_metrics', 'metric_type, metric_value', '''pr_cycle_time_avg'', 1', '42501', '')
    ) t(relation, columns, row, error, message)
  loop
    perform pg_temp.fails(format('insert into metrics.%s (%s) values (%s)', c.relation, c.columns, c.row), c.error, c.message);
  end loop;
  perform pg_temp.fails('update metrics.pr_events set pr_title = ''x''', '42501');
  perform pg_temp.fails('delete from metrics.test_runs', '42501');

  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  for c in
    select * from (values ('pr_events', 'pr_number, event_type', '9, ''merged'''), ('test_runs', 'run_id, total_tests, passed_tests, failed_tests', '''v'', 1, 1, 0'),
      ('rule_compliance_events', 'rule_name, rule_category, compliance_status, context_type', '''x'', ''foundation'', ''compliant'', ''pr''')) t(relation, columns, row)
  loop
    perform pg_temp.fails(format('insert into metrics.%s (%s) values (%s)', c.relation, c.columns, c.row), 'PT403', 'needs the role developer');
    perform pg_temp.fails(format('insert into metrics.%s (project_id, %s) values (%L, %s)', c.relation, c.columns, pg_temp.project_of('a'), c.row), '42501');
  end loop;
  perform pg_temp.act_as_service();
  perform pg_temp.fails('insert into metrics.pr_events (pr_number, event_type) values (9, ''merged'')', 'PT400', 'several projects: say which by adding project_id');
  insert into metrics.pr_events (org_id, pr_number, event_type) values (v_org, 9, 'merged');
end $$;

-- Figures of a day: one of each kind for a project and environment, made by the server.
do $$
declare
  v metrics.development_metrics;
begin
  perform pg_temp.act_as_service();
  insert into metrics.development_metrics (org_id, metric_type, metric_value) values (pg_temp.org_of('a'), 'pr_cycle_time_avg', 3.5) returning * into v;
  perform pg_temp.equal('filled', (v.project_id, v.environment, v.metric_date)::text, (pg_temp.project_of('a'), 'production', current_date)::text);
  perform pg_temp.fails(format('insert into metrics.development_metrics (org_id, metric_type, metric_value) values (%L, ''pr_cycle_time_avg'', 4)', v.org_id), '23505');
  insert into metrics.development_metrics (org_id, metric_type, metric_value, environment) values (v.org_id, 'pr_cycle_time_avg', 4, 'staging');
  insert into metrics.development_metrics (org_id, metric_type, metric_value) values (v.org_id, 'pr_cycle_time_avg', 5)
    on conflict (project_id, environment, metric_type, metric_date) do update set metric_value = excluded.metric_value;
  perform pg_temp.equal('replaced', (select metric_value from metrics.development_metrics where id = v.id), 5);
  perform pg_temp.fails(format('insert into metrics.development_metrics (org_id, metric_type, metric_value) values (%L, ''happiness'', 4)', v.org_id), '23514', 'metric_type');
  perform pg_temp.fails(format('insert into metrics.development_metrics (org_id, metric_type, metric_value) values (%L, ''pr_cycle_time'', ''NaN'')', v.org_id), '23514', 'is_finite');
  perform pg_temp.fails(format('insert into metrics.development_metrics (org_id, metric_type, metric_value, sample_size) values (%L, ''pr_cycle_time'', 1, -1)', v.org_id), '23514', 'sample_size');
end $$;

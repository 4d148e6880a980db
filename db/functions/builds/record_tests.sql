create or replace function ops.record_tests(p_build_id uuid, p_token bigint, p_report jsonb) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_lease ops.leases := ops.hold_lease(p_build_id, p_token);
  v_cases jsonb := coalesce(p_report -> 'cases', '[]');
  v_counts record;
  v_run_id uuid;
begin
  if jsonb_typeof(v_cases) <> 'array' then
    raise sqlstate 'PT400' using message = 'cases must be an array';
  end if;
  select count(*) as total, count(*) filter (where c ->> 'outcome' = 'passed') as passed,
      count(*) filter (where c ->> 'outcome' = 'failed') as failed, count(*) filter (where c ->> 'outcome' = 'skipped') as skipped
    into v_counts from jsonb_array_elements(v_cases) c;
  delete from metrics.test_runs where build_id = p_build_id;
  insert into metrics.test_runs (org_id, project_id, build_id, environment, run_id, run_timestamp, total_tests, passed_tests,
      failed_tests, skipped_tests, execution_time_seconds, branch_name, commit_sha, pr_number)
    select b.org_id, b.project_id, b.id,
      case br.stage when 'production' then 'production' when 'staging' then 'staging' else 'local' end, b.id::text, clock_timestamp(),
      v_counts.total, v_counts.passed, v_counts.failed, v_counts.skipped,
      coalesce((p_report ->> 'execution_time_seconds')::double precision, 0), br.name, b.commit_sha, b.pr_number
    from ops.builds b join ops.branches br on br.id = b.branch_id where b.id = p_build_id
    returning id into v_run_id;
  insert into metrics.test_cases (test_run_id, position, org_id, suite, name, outcome, duration_seconds, failure)
    select v_run_id, c.n, v_lease.org_id, c.suite, c.name, c.outcome, coalesce(c.duration_seconds, 0), left(c.failure, 65536)
    from rows from (jsonb_to_recordset(v_cases) as (suite text, name text, outcome text, duration_seconds double precision, failure text))
      with ordinality as c (suite, name, outcome, duration_seconds, failure, n);
  update ops.builds set test_results = jsonb_build_object('total', v_counts.total, 'passed', v_counts.passed,
      'failed', v_counts.failed, 'skipped', v_counts.skipped, 'execution_time_seconds', coalesce((p_report ->> 'execution_time_seconds')::double precision, 0))
    where id = p_build_id;
end
$$;
comment on function ops.record_tests(uuid, bigint, jsonb) is
  'The tests a build ran, {execution_time_seconds, cases: [{suite, name, outcome, duration_seconds, failure}]}, as a test run with its cases: replaces what was sent before.';
revoke all on function ops.record_tests(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function ops.record_tests(uuid, bigint, jsonb) to service_role;

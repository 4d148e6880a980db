create or replace function metrics.calculate_avg_test_pass_rate(
  start_date timestamptz, end_date timestamptz, env text default 'all', p_project_id uuid default null
) returns numeric
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_end timestamptz := metrics.figure_end(start_date, end_date, env, array['local', 'staging', 'production', 'all']);
begin
  return (
    select round(avg(r.pass_rate), 2)
    from metrics.test_runs r
    where r.run_timestamp >= start_date and r.run_timestamp < v_end and (env = 'all' or r.environment = env) and (p_project_id is null or r.project_id = p_project_id));
end
$$;
comment on function metrics.calculate_avg_test_pass_rate(timestamptz, timestamptz, text, uuid) is
  'Average over test runs, in per cent, of passed ÷ (total − skipped), from start_date to end_date, both included (a date is its whole day). A run that skipped everything does not count. Of all environments and projects together unless env or p_project_id names one. Null without data.';
revoke all on function metrics.calculate_avg_test_pass_rate(timestamptz, timestamptz, text, uuid) from public, anon;
grant execute on function metrics.calculate_avg_test_pass_rate(timestamptz, timestamptz, text, uuid) to authenticated, service_role;

create or replace function metrics.calculate_rule_compliance_rate(
  start_date timestamptz, end_date timestamptz, env text default 'all', p_project_id uuid default null
) returns numeric
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_end timestamptz := metrics.figure_end(start_date, end_date, env, array['local', 'staging', 'production', 'all']);
begin
  return (
    select round(100.0 * count(*) filter (where e.compliance_status = 'compliant') / nullif(count(*), 0), 2)
    from metrics.rule_compliance_events e
    where e.event_timestamp >= start_date and e.event_timestamp < v_end and (env = 'all' or e.environment = env) and (p_project_id is null or e.project_id = p_project_id));
end
$$;
comment on function metrics.calculate_rule_compliance_rate(timestamptz, timestamptz, text, uuid) is
  'Compliant ÷ all rule events, in per cent, from start_date to end_date, both included (a date is its whole day). Of all environments and projects together unless env or p_project_id names one. Null without data.';
revoke all on function metrics.calculate_rule_compliance_rate(timestamptz, timestamptz, text, uuid) from public, anon;
grant execute on function metrics.calculate_rule_compliance_rate(timestamptz, timestamptz, text, uuid) to authenticated, service_role;

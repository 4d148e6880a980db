create or replace function metrics.calculate_avg_pr_cycle_time(
  start_date timestamptz, end_date timestamptz, env text default 'all', p_project_id uuid default null
) returns numeric
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_end timestamptz := metrics.figure_end(start_date, end_date, env, array['local', 'staging', 'production', 'all']);
begin
  return (
    select round(avg(coalesce(m.cycle_time_seconds, c.seconds)), 2)
    from metrics.pr_events m
    left join lateral (
      select extract(epoch from m.event_timestamp - min(c.event_timestamp)) as seconds
      from metrics.pr_events c
      where m.cycle_time_seconds is null and c.org_id = m.org_id and c.project_id = m.project_id and c.pr_number = m.pr_number
        and c.event_type = 'created' and c.event_timestamp <= m.event_timestamp) c on true
    where m.event_type = 'merged' and m.event_timestamp >= start_date and m.event_timestamp < v_end
      and (env = 'all' or m.environment = env) and (p_project_id is null or m.project_id = p_project_id));
end
$$;
comment on function metrics.calculate_avg_pr_cycle_time(timestamptz, timestamptz, text, uuid) is
  'Average seconds from created to merged over the pull requests merged from start_date to end_date, both included (a date is its whole day). Of all environments and projects together unless env or p_project_id names one. Null without data.';
revoke all on function metrics.calculate_avg_pr_cycle_time(timestamptz, timestamptz, text, uuid) from public, anon;
grant execute on function metrics.calculate_avg_pr_cycle_time(timestamptz, timestamptz, text, uuid) to authenticated, service_role;

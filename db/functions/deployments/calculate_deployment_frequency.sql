create or replace function metrics.calculate_deployment_frequency(
  start_date timestamptz, end_date timestamptz, env text default 'production', p_project_id uuid default null
) returns numeric
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_end timestamptz := metrics.figure_end(start_date, end_date, env);
  v_count bigint;
begin
  -- What metrics tables call local is development among deployments.
  env := case env when 'local' then 'development' else env end;
  select count(*) into v_count from ops.deployments d
    where d.status in ('success', 'failed', 'rollback') and d.happened_at >= start_date and d.happened_at < v_end
      and (env = 'all' or d.environment = env) and (p_project_id is null or d.project_id = p_project_id);
  -- None in the span is 0 only where deployments are known at all.
  if v_count = 0 and not exists (select from ops.deployments d
      where d.status in ('success', 'failed', 'rollback') and d.happened_at < start_date and (env = 'all' or d.environment = env) and (p_project_id is null or d.project_id = p_project_id)) then
    return null;
  end if;
  return round(v_count / greatest(extract(epoch from v_end - start_date) / 86400, 1), 4);
end
$$;
comment on function metrics.calculate_deployment_frequency(timestamptz, timestamptz, text, uuid) is
  'Completed deployments a day, whatever their outcome, to one environment (or all) and, with p_project_id, of one project, from start_date to end_date, both included (a date is its whole day; less than a day counts as one). Null where none was recorded until then, else 0 in a span without any.';
revoke all on function metrics.calculate_deployment_frequency(timestamptz, timestamptz, text, uuid) from public, anon;
grant execute on function metrics.calculate_deployment_frequency(timestamptz, timestamptz, text, uuid) to authenticated, service_role;

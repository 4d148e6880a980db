create or replace function ops.calculate_deployment_success_rate(
  days_back integer default 30, env text default 'all', p_project_id uuid default null
) returns table (successful_deployments bigint, total_deployments bigint, success_rate_percent numeric)
  language plpgsql stable
  set search_path = ''
as $$
begin
  if days_back is null or days_back not between 1 and 36500 then
    raise sqlstate 'PT400' using message = format('days_back is %s: it is 1 to 36500', coalesce(days_back::text, 'null'));
  elsif env is null then
    raise sqlstate 'PT400' using message = 'env is null: it is one of development, staging, production, all';
  end if;
  return query
    select c.successful, c.total, round(100.0 * c.successful / nullif(c.total, 0), 2)
    from (select count(*) filter (where d.status = 'success') as successful, count(*) as total
          from ops.deployments d
          where d.status in ('success', 'failed', 'rollback') and d.happened_at >= now() - make_interval(days => days_back)
            and (env = 'all' or d.environment = env) and (p_project_id is null or d.project_id = p_project_id)) c;
end
$$;
comment on function ops.calculate_deployment_success_rate(integer, text, uuid) is
  'Deployments that completed without rollback or failure ÷ all completed, of the last days_back days, of all environments and projects together unless env or p_project_id names one. The rate is null without data.';
revoke all on function ops.calculate_deployment_success_rate(integer, text, uuid) from public, anon;
grant execute on function ops.calculate_deployment_success_rate(integer, text, uuid) to authenticated, service_role;

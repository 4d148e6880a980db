create or replace function ops.project_metrics(p_project_id uuid, p_metric text, p_hours integer default 24)
  returns table (ts timestamptz, value double precision, dims jsonb)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform ops.org_of_project(p_project_id, 'viewer');
  if p_metric is null then
    raise sqlstate 'PT400' using message = 'p_metric must name a metric, such as cpu_pct';
  elsif p_hours is null or p_hours < 1 then
    raise sqlstate 'PT400' using message = format('p_hours is %s: it must be 1 or more', coalesce(p_hours::text, 'null'));
  end if;
  -- A century is all there is, and more would be no timestamp.
  return query
    select m.ts, m.value::double precision, m.dims
    from ops.metrics m
    where m.project_id = p_project_id and m.metric = p_metric
      and m.ts >= now() - make_interval(hours => least(p_hours, 876000))
    order by m.ts, m.id;
end
$$;
comment on function ops.project_metrics(uuid, text, integer) is
  'A project''s samples of one metric in the last p_hours hours, oldest first. Viewer and up.';
revoke all on function ops.project_metrics(uuid, text, integer) from public, anon;
grant execute on function ops.project_metrics(uuid, text, integer) to authenticated, service_role;

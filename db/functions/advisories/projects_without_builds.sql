create or replace function ops.projects_without_builds()
  returns table (org_id uuid, project_id uuid, severity text, category text, title text, recommendation text, evidence jsonb)
  language sql stable
  set search_path = ''
  -- Evidence is compared as text from scan to scan.
  set timezone = 'UTC'
as $$
  select p.org_id, p.id, 'warning', 'reliability', 'No build in the last 7 days',
    case when l.id is null
      then 'The project has never been built. Trigger a build, or archive the project if it is not in use.'
      else 'Trigger a build to see that it still succeeds: dependencies and base images change while a project rests. Archive the project if it is not in use.'
    end,
    jsonb_build_object('last_build_id', l.id, 'last_build_number', l.build_number, 'last_build_at', l.created_at,
      'days_without_build', extract(day from now() - coalesce(l.created_at, p.created_at))::integer)
  from ops.projects p
  left join lateral (select b.id, b.build_number, b.created_at from ops.builds b
                     where b.project_id = p.id order by b.build_number desc limit 1) l on true
  where p.status = 'active' and (l.created_at is null or l.created_at <= now() - interval '7 days');
$$;
comment on function ops.projects_without_builds() is
  'The advisory no_recent_build: active projects without a build in the last 7 days, new ones that never had one among them.';
revoke all on function ops.projects_without_builds() from public, anon, authenticated;

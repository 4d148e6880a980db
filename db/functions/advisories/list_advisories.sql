create or replace function ops.list_advisories(p_project_id uuid)
  returns table (id uuid, project_id uuid, severity text, category text, title text, recommendation text, evidence jsonb, fix_sql text,
                 status text, created_at timestamptz, updated_at timestamptz, resolved_at timestamptz, snoozed_until timestamptz,
                 resolved_by uuid, key text)
  language plpgsql stable security definer
  set search_path = ''
as $$
begin
  perform ops.org_of_project(p_project_id, 'viewer');
  return query
    select a.id, a.project_id, a.severity, a.category, a.title, a.recommendation, a.evidence, a.fix_sql,
           s.status, a.created_at, a.updated_at, a.resolved_at, case when s.status = 'snoozed' then a.snoozed_until end,
           a.resolved_by, a.key
    from ops.advisories a
    cross join lateral (select ops.advisory_status(a.status, a.snoozed_until)) s (status)
    where a.project_id = p_project_id
    order by array_position(array['critical', 'warning', 'info'], a.severity),
             array_position(array['open', 'snoozed', 'resolved', 'dismissed'], s.status),
             a.created_at desc, a.id;
end
$$;
comment on function ops.list_advisories(uuid) is
  'A project''s advisories: critical first, open before snoozed and closed, newest first. Viewer and up.';
revoke all on function ops.list_advisories(uuid) from public, anon;
grant execute on function ops.list_advisories(uuid) to authenticated, service_role;

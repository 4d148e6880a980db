create or replace function ops.scan_advisories() returns bigint
  language plpgsql security definer
  set search_path = ''
as $$
declare
  c_key constant text := 'no_recent_build';
  v_advisory ops.advisories;
  v_opened bigint := 0;
begin
  -- One scan at a time: the next one sees what this one wrote.
  perform pg_advisory_xact_lock(hashtextextended('ops.scan_advisories', 0));
  update ops.advisories a set status = 'open', snoozed_until = null
    where a.status = 'snoozed' and ops.advisory_status(a.status, a.snoozed_until) = 'open';

  -- A resolved one is opened again only after another build: somebody said of the present situation that it is dealt with.
  for v_advisory in
    insert into ops.advisories as a (org_id, project_id, key, severity, category, title, recommendation, evidence)
    select f.org_id, f.project_id, c_key, f.severity, f.category, f.title, f.recommendation, f.evidence
    from ops.projects_without_builds() f
    on conflict (project_id, key) do update
      set status = 'open', severity = excluded.severity, category = excluded.category, title = excluded.title,
          recommendation = excluded.recommendation, evidence = excluded.evidence,
          created_at = now(), resolved_at = null, resolved_by = null
      where a.status = 'resolved' and a.evidence ->> 'last_build_id' is distinct from excluded.evidence ->> 'last_build_id'
    returning a.*
  loop
    perform ops.audit(v_advisory.org_id, 'advisory.opened', 'advisory:' || v_advisory.id,
      jsonb_build_object('project_id', v_advisory.project_id, 'key', c_key, 'title', v_advisory.title));
    v_opened := v_opened + 1;
  end loop;

  update ops.advisories a set evidence = f.evidence, recommendation = f.recommendation
    from ops.projects_without_builds() f
    where a.project_id = f.project_id and a.key = c_key and a.status in ('open', 'snoozed') and a.evidence <> f.evidence;

  for v_advisory in
    update ops.advisories a set status = 'resolved', resolved_at = now(), resolved_by = null, snoozed_until = null
    where a.key = c_key and a.status in ('open', 'snoozed')
      and not exists (select from ops.projects_without_builds() f where f.project_id = a.project_id)
    returning a.*
  loop
    perform ops.audit(v_advisory.org_id, 'advisory.resolved', 'advisory:' || v_advisory.id,
      jsonb_build_object('project_id', v_advisory.project_id, 'key', c_key, 'title', v_advisory.title));
  end loop;
  return v_opened;
end
$$;
comment on function ops.scan_advisories() is
  'Looks at every project, writes down what is found and resolves what is gone; answers how many advisories were opened. A repeat with nothing new opens none.';
revoke all on function ops.scan_advisories() from public, anon, authenticated;
grant execute on function ops.scan_advisories() to service_role;

-- One row a project, by key; what it says follows what is so.
create function pg_temp.advisory() returns ops.advisories language sql as
  $$ select a from ops.advisories a where a.key = 'no_recent_build' and a.project_id = pg_temp.project_of('a') $$;
create function pg_temp.last_action() returns text language sql as
  $$ select l.action || ' ' || coalesce(l.detail ->> 'key', '') from ops.audit_log l where l.org_id = pg_temp.org_of('a') order by l.id desc limit 1 $$;

do $$
declare
  v_project uuid := pg_temp.project_of('a');
  v_id uuid;
begin
  perform pg_temp.act_as_service();
  perform pg_temp.equal('projects that build', ops.scan_advisories(), 0);
  update ops.projects set status = 'archived' where id <> v_project;
  update ops.projects set created_at = now() - interval '8 days' where id = v_project;
  delete from ops.leases;
  delete from ops.builds;
  perform pg_temp.equal('never built', ops.scan_advisories(), 1);
  perform pg_temp.equal('a second scan', ops.scan_advisories(), 0);
  v_id := (pg_temp.advisory()).id;
  perform pg_temp.equal('what it says', format('%s %s %s', (pg_temp.advisory()).severity, (pg_temp.advisory()).category, (pg_temp.advisory()).evidence),
    'warning reliability {"last_build_at": null, "last_build_id": null, "last_build_number": null, "days_without_build": 8}');
  perform pg_temp.equal('audit', pg_temp.last_action(), 'advisory.opened no_recent_build');
  perform pg_temp.equal('rows', (select count(*) from ops.advisories a where a.key = 'no_recent_build'), 1);

  -- Time goes on: the same row knows.
  update ops.projects set created_at = now() - interval '9 days' where id = v_project;
  perform pg_temp.equal('nothing new', ops.scan_advisories(), 0);
  perform pg_temp.equal('evidence', (pg_temp.advisory()).evidence ->> 'days_without_build', '9');
  perform pg_temp.equal('the same row', (pg_temp.advisory()).id, v_id);

  -- Somebody says it is dealt with: that holds while nothing changes.
  perform ops.resolve_advisory(v_id);
  perform pg_temp.equal('resolved by a person', ops.scan_advisories(), 0);
  perform pg_temp.equal('stays', (pg_temp.advisory()).status, 'resolved');

  -- A build, and then none for a week: another finding.
  insert into ops.builds (project_id, branch_id, created_at) values (v_project, pg_temp.branch_of('a', 1), now() - interval '6 days');
  perform pg_temp.equal('a build was there', ops.scan_advisories(), 0);
  update ops.builds set created_at = now() - interval '7 days';
  perform pg_temp.equal('idle again', ops.scan_advisories(), 1);
  perform pg_temp.equal('open', format('%s %s %s', (pg_temp.advisory()).status, (pg_temp.advisory()).resolved_at, (pg_temp.advisory()).evidence ->> 'days_without_build'), 'open  7');
  perform pg_temp.equal('the same row', (pg_temp.advisory()).id, v_id);
  perform pg_temp.equal('once', ops.scan_advisories(), 0);

  -- A build resolves it, by nobody.
  insert into ops.builds (project_id, branch_id) values (v_project, pg_temp.branch_of('a', 1));
  perform pg_temp.equal('nothing new', ops.scan_advisories(), 0);
  perform pg_temp.equal('resolved', (pg_temp.advisory()).status, 'resolved');
  perform pg_temp.equal('by nobody', (pg_temp.advisory()).resolved_by is null and (pg_temp.advisory()).resolved_at is not null, true);
  perform pg_temp.equal('audit', pg_temp.last_action(), 'advisory.resolved no_recent_build');

  -- Snoozed: quiet until the end, then open again, and that is not a new one.
  update ops.builds set created_at = now() - interval '10 days';
  perform pg_temp.equal('idle', ops.scan_advisories(), 1);
  perform ops.snooze_advisory(v_id, now() + interval '1 hour');
  perform pg_temp.equal('snoozed', ops.scan_advisories(), 0);
  perform pg_temp.equal('stays', (pg_temp.advisory()).status, 'snoozed');
  update ops.advisories set snoozed_until = now() - interval '1 second' where id = v_id;
  perform pg_temp.equal('woken', ops.scan_advisories(), 0);
  perform pg_temp.equal('open', (pg_temp.advisory()).status, 'open');

  -- A new project is told as well that nothing was built yet.
  insert into ops.projects (org_id, name, slug, repo_url) values (pg_temp.org_of('a'), 'New', 'new', 'https://git.example.com/new.git');
  perform pg_temp.equal('new', ops.scan_advisories(), 1);
  perform pg_temp.equal('new, again', ops.scan_advisories(), 0);

  -- A project out of use needs no advice, and one that was dismissed stays away whatever happens.
  update ops.projects set status = 'archived' where id = v_project;
  perform pg_temp.equal('archived', ops.scan_advisories(), 0);
  perform pg_temp.equal('resolved', (pg_temp.advisory()).status, 'resolved');
  update ops.projects set status = 'active' where id = v_project;
  insert into ops.builds (project_id, branch_id, created_at) values (v_project, pg_temp.branch_of('a', 1), now() - interval '8 days');
  perform pg_temp.equal('idle', ops.scan_advisories(), 1);
  perform ops.dismiss_advisory(v_id);
  insert into ops.builds (project_id, branch_id, created_at) values (v_project, pg_temp.branch_of('a', 1), now() - interval '7 days');
  perform pg_temp.equal('dismissed', ops.scan_advisories(), 0);
  perform pg_temp.equal('stays', (pg_temp.advisory()).status, 'dismissed');

  -- Evidence reads the same from every session, or each scan would think it news.
  perform pg_temp.act_as_server();
  set local timezone = 'Asia/Kathmandu';
  perform pg_temp.equal('elsewhere', (select f.evidence ->> 'last_build_at' like '%+00:00' from ops.projects_without_builds() f where f.project_id = v_project), true);

  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails('select ops.scan_advisories()', '42501');
end $$;

do $$
declare
  v_project uuid := pg_temp.project_of('a');
begin
  perform pg_temp.act_as_server();
  insert into ops.advisories (project_id, severity, title, status, snoozed_until, created_at) values
    (v_project, 'warning', 'Older', 'open', null, now() - interval '2 days'), (v_project, 'warning', 'Newer', 'open', null, now() - interval '1 day'),
    (v_project, 'warning', 'Woken', 'snoozed', now() - interval '1 second', now() - interval '3 days');
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.equal('order', (select string_agg(format('%s %s %s', l.severity, l.status, l.title), ', ' order by n)
      from ops.list_advisories(v_project) with ordinality l(id, project_id, severity, category, title, recommendation, evidence, fix_sql, status,
        created_at, updated_at, resolved_at, snoozed_until, resolved_by, key, n)),
    'critical open Sample 2, warning open Newer, warning open Older, warning open Woken, warning snoozed Sample 3, '
    'warning resolved Sample 4, warning dismissed Sample 5, info open Sample 1');
  perform pg_temp.equal('the snooze is over', (select l.snoozed_until from ops.list_advisories(v_project) l where l.title = 'Woken'), null);
  perform pg_temp.equal('the snooze is not', (select l.snoozed_until > now() from ops.list_advisories(v_project) l where l.title = 'Sample 3'), true);
  perform pg_temp.fails(format('select * from ops.list_advisories(%L)', pg_temp.project_of('b')), 'PT404', 'no such project');
  perform pg_temp.fails(format('select * from ops.list_advisories(%L)', gen_random_uuid()), 'PT404', 'no such project');
  perform pg_temp.fails('select * from ops.list_advisories(null)', 'PT404', 'no such project');
end $$;

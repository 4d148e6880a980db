-- Admins plan upgrades and move them on with plain statements; each state is noted.
do $$
declare
  v_insert text := 'insert into ops.upgrades (project_id, from_version, to_version) values (%L, ''18.0'', ''19.0'')';
  v_id uuid;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  execute format(v_insert || ' returning id', pg_temp.project_of('a')) into v_id;
  perform pg_temp.equal('filled in', (select format('%s %s %s', u.org_id, u.status, u.created_by) from ops.upgrades u where u.id = v_id),
    format('%s planned %s', pg_temp.org_of('a'), pg_temp.user_of('a', 'admin')));
  update ops.upgrades set status = 'in_progress', started_at = now() where id = v_id;
  update ops.upgrades set error_message = 'slow' where id = v_id;
  update ops.upgrades set status = 'rolled_back', completed_at = now(), rollback_plan = '{"done": true}' where id = v_id;
  perform pg_temp.equal('noted', (select string_agg(l.action, ', ' order by l.id) from ops.audit_log l where l.target = 'upgrade:' || v_id),
    'upgrade.planned, upgrade.in_progress, upgrade.rolled_back');

  perform pg_temp.fails(format('update ops.upgrades set status = ''stuck'' where id = %L', v_id), '23514');
  perform pg_temp.fails(format('update ops.upgrades set to_version = ''20.0'' where id = %L', v_id), '42501');
  perform pg_temp.fails(format('delete from ops.upgrades where id = %L', v_id), '42501');
  perform pg_temp.fails(format(v_insert, pg_temp.project_of('b')), 'PT404', 'no such project');
  perform pg_temp.fails(format('insert into ops.upgrades (org_id, project_id, from_version, to_version) values (%L, %L, ''1'', ''2'')',
    pg_temp.org_of('a'), pg_temp.project_of('b')), '23503');
  perform pg_temp.fails(format('insert into ops.upgrades (project_id, from_version, to_version, created_by) values (%L, ''1'', ''2'', %L)',
    pg_temp.project_of('a'), pg_temp.user_of('a', 'owner')), '42501');

  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format(v_insert, pg_temp.project_of('a')), '42501');
  update ops.upgrades set status = 'failed';
  perform pg_temp.act_as_server();
  perform pg_temp.equal('a developer changed none', (select count(*) from ops.upgrades u where u.status = 'failed'), 0);
end $$;

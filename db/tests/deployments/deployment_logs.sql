-- What outside clients do with deployment_logs: an insert that names next to nothing, then corrections.
do $$
declare
  v record;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  insert into ops.deployment_logs (deployment_version, deployment_status) values ('v2', 'success') returning * into v;
  perform pg_temp.equal('answered', (v.id is not null, v.venture_id, v.deployment_version, v.deployment_status, v.environment, v.org_id)::text,
    (true, pg_temp.project_of('a'), 'v2', 'success', 'production', pg_temp.org_of('a'))::text);
  perform pg_temp.equal('times', (v.started_at, v.completed_at, v.created_at)::text, (now(), null::timestamptz, now())::text);
  perform pg_temp.equal('stored once', (select d.source || ' ' || d.status || ' ' || (e.kind) from ops.deployments d
    join ops.environments e on e.id = d.environment_id where d.id = v.id), 'api success production');

  update ops.deployment_logs set deployment_status = 'rollback', completed_at = now() + interval '4 minutes', rollback_reason = 'slow',
    downtime_minutes = 1.5, downtime_detected_at = now() where id = v.id returning * into v;
  perform pg_temp.equal('corrected', (v.deployment_status, v.rollback_reason, v.downtime_minutes, v.completed_at > v.started_at)::text, '(rollback,slow,1.5,t)');
  perform pg_temp.equal('same fact', (select d.status || d.downtime_minutes from ops.deployments d where d.id = v.id), 'rollback1.5');
  update ops.deployment_logs set venture_id = venture_id, deployment_version = null where id = v.id;
  perform pg_temp.equal('a value taken back', (select version from ops.deployments where id = v.id), null);

  -- An id, times and an environment of the client's own.
  insert into ops.deployment_logs (id, venture_id, environment, deployment_version, deployment_status, completed_at, created_at)
    values ('c0000000-5555-4000-8000-000000000000', pg_temp.project_of('a'), 'staging', 'v3', 'failed', '2026-01-02', '2026-01-03') returning * into v;
  perform pg_temp.equal('as given', (v.id, v.environment, v.started_at, v.completed_at, v.created_at)::text,
    ('c0000000-5555-4000-8000-000000000000'::uuid, 'staging', null::timestamptz, '2026-01-02'::timestamptz, '2026-01-03'::timestamptz)::text);
  perform pg_temp.fails('insert into ops.deployment_logs (id, deployment_status) values (''c0000000-5555-4000-8000-000000000000'', ''failed'')', '23505');
  perform pg_temp.equal('not yet ended', (select count(*) from ops.deployment_logs where id::text like 'a4000000-5555-%'), 0);
end $$;

-- Wrong values say what would be right.
do $$
declare
  c record;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  for c in
    select * from (values
      ('deployment_version', '''v2''', '23502', 'deployment_status is missing: it is one of success, rollback, failed'),
      ('deployment_status', '''done''', '23514', 'deployment_status is done: it is one of success, rollback, failed'),
      ('deployment_status', '''running''', '23514', 'deployment_status is running'),
      ('deployment_status, environment', '''success'', ''moon''', '23514', 'environment is moon: it is one of development, staging, production'),
      ('deployment_status, started_at, completed_at', '''success'', now(), now() - interval ''1 minute''', '23514', 'completed_at_is_not_before_started_at'),
      ('deployment_status, downtime_minutes', '''success'', -1', '23514', 'downtime_minutes_is_0_to_one_year'),
      ('deployment_status, downtime_minutes', '''success'', ''NaN''', '23514', 'downtime_minutes_is_0_to_one_year'),
      ('deployment_status, venture_id', '''success'', gen_random_uuid()', 'PT404', 'there is no such project'),
      ('deployment_status, venture_id', '''success'', pg_temp.project_of(''b'')', 'PT404', 'there is no such project'),
      ('deployment_status, venture_id, org_id', '''success'', pg_temp.project_of(''b''), pg_temp.org_of(''b'')', '42501', ''),
      ('deployment_status, venture_id, org_id', '''success'', pg_temp.project_of(''b''), pg_temp.org_of(''a'')', '23503', '')
    ) t(columns, row, error, message)
  loop
    perform pg_temp.fails(format('insert into ops.deployment_logs (%s) values (%s)', c.columns, c.row), c.error, c.message);
  end loop;
  perform pg_temp.fails('update ops.deployment_logs set deployment_status = ''pending''', '23514', 'deployment_status is pending');
  perform pg_temp.fails('update ops.deployment_logs set deployment_status = null', '23502', 'deployment_status is missing');
  perform pg_temp.fails('update ops.deployment_logs set venture_id = gen_random_uuid()', 'PT400', 'do not change');
  perform pg_temp.fails('update ops.deployment_logs set environment = ''staging'' where environment = ''production''', 'PT400', 'do not change');
  perform pg_temp.fails('delete from ops.deployment_logs', '42501');
end $$;

-- Which project, when none is named.
do $$
declare
  v_insert text := 'insert into ops.deployment_logs (deployment_status) values (''success'')';
  v_project uuid;
begin
  -- A token's project is the one of its org.
  perform pg_temp.act_as_token('b', 'owner', 'build');
  execute v_insert;
  perform pg_temp.equal('of the token''s org', (select count(*) from ops.deployment_logs where venture_id = pg_temp.project_of('b')), 4);
  perform pg_temp.act_as_token('a', 'owner', 'read');
  perform pg_temp.fails(v_insert, 'PT403', 'needs the role developer');
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(v_insert, 'PT403', 'needs the role developer');
  perform pg_temp.act_as(gen_random_uuid());
  perform pg_temp.fails(v_insert, 'PT400', 'no active project');
  perform pg_temp.act_as_service();
  perform pg_temp.fails(v_insert, 'PT400', 'add');
  insert into ops.deployment_logs (org_id, deployment_status) values (pg_temp.org_of('a'), 'success') returning venture_id into v_project;
  perform pg_temp.equal('the only one of the org', v_project, pg_temp.project_of('a'));

  -- Somebody who reads elsewhere and writes in one place.
  perform pg_temp.act_as_server();
  insert into registry.org_members (org_id, user_id, role) values (pg_temp.org_of('b'), pg_temp.user_of('a', 'developer'), 'viewer');
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.equal('where they may write', ops.default_project(), pg_temp.project_of('a'));

  perform pg_temp.act_as_server();
  insert into ops.projects (org_id, name, repo_url) values (pg_temp.org_of('a'), 'Second', '/srv/second') returning id into v_project;
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(v_insert, 'PT400', 'several projects: say which by adding project_id (in deployment_logs: venture_id)');
  execute format('insert into ops.deployment_logs (deployment_status, venture_id) values (''success'', %L)', v_project);
  perform pg_temp.act_as_server();
  update ops.projects set status = 'archived' where id = v_project;
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.equal('archived ones do not count', ops.default_project(), pg_temp.project_of('a'));
end $$;

-- Who corrects what.
do $$
declare
  v_count integer;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  update ops.deployment_logs set rollback_reason = 'x';
  get diagnostics v_count = row_count;
  perform pg_temp.equal('rows that a viewer changes', v_count, 0);
  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  update ops.deployment_logs set rollback_reason = 'x' where org_id = pg_temp.org_of('a');
  get diagnostics v_count = row_count;
  perform pg_temp.equal('rows of another org', v_count, 0);

  perform pg_temp.act_as_service();
  update ops.deployments set status = 'success', completed_at = now() where id = 'a4000000-5555-4000-8000-000000000000';
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails('update ops.deployment_logs set downtime_minutes = 0 where id = ''a4000000-5555-4000-8000-000000000000''',
    'PT409', 'Plimsoll made this deployment itself');
  perform pg_temp.act_as_service();
  update ops.deployment_logs set downtime_minutes = 0 where id = 'a4000000-5555-4000-8000-000000000000';
  perform pg_temp.equal('by the server', (select downtime_minutes from ops.deployments where id = 'a4000000-5555-4000-8000-000000000000'), 0);
end $$;

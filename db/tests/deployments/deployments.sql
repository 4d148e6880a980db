-- Straight into ops.deployments: what a build or an environment knows need not be said.
do $$
declare
  v ops.deployments;
  v_qa uuid;
  v_other uuid;
  v_foreign uuid;
begin
  select id into v_foreign from ops.environments where org_id = pg_temp.org_of('b');
  insert into ops.environments (project_id, name, kind) values (pg_temp.project_of('a'), 'qa', 'acceptance') returning id into v_qa;
  insert into ops.projects (org_id, name, repo_url) values (pg_temp.org_of('a'), 'Second', '/srv/second') returning id into v_other;
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails('insert into ops.deployments (status) values (''pending'')', 'PT400', 'several projects');

  insert into ops.deployments (build_id, status) values (pg_temp.build_of('a', 1), 'pending') returning * into v;
  perform pg_temp.equal('from the build', (v.project_id, v.org_id, v.environment, v.branch_name, v.commit_sha, v.source, v.environment_id is not null)::text,
    (pg_temp.project_of('a'), pg_temp.org_of('a'), 'production', 'main', repeat('1', 40), 'api', true)::text);
  update ops.deployments set status = 'running', started_at = now() where id = v.id;
  update ops.deployments set status = 'success', completed_at = now() + interval '1 minute' where id = v.id returning * into v;
  perform pg_temp.equal('counts when it ended', v.happened_at, v.completed_at);

  insert into ops.deployments (environment_id, status, source) values (v_qa, 'running', 'ci') returning * into v;
  perform pg_temp.equal('from the environment', (v.project_id, v.environment)::text, (pg_temp.project_of('a'), 'acceptance')::text);
  insert into ops.deployments (project_id, environment, status) values (pg_temp.project_of('a'), 'acceptance', 'failed') returning * into v;
  perform pg_temp.equal('by its kind', v.environment_id, v_qa);
  insert into ops.deployments (project_id, environment, status) values (pg_temp.project_of('a'), 'staging', 'failed') returning * into v;
  perform pg_temp.equal('without an environment', (v.environment, v.environment_id)::text, '(staging,)');

  perform pg_temp.fails(format('insert into ops.deployments (environment_id) values (%L)', v_foreign), 'PT404', 'no such environment');
  perform pg_temp.fails(format('insert into ops.deployments (environment_id) values (%L)', gen_random_uuid()), 'PT404', 'no such environment');
  perform pg_temp.fails(format('insert into ops.deployments (build_id) values (%L)', pg_temp.build_of('b', 1)), 'PT404', 'no such build');
  perform pg_temp.fails(format('insert into ops.deployments (build_id, project_id) values (%L, %L)', pg_temp.build_of('a', 1), v_other), 'PT404', 'no such build');
  perform pg_temp.fails(format('insert into ops.deployments (environment_id, project_id) values (%L, %L)', v_qa, v_other), 'PT404', 'no such environment');
  perform pg_temp.fails(format('insert into ops.deployments (project_id, environment) values (%L, ''acceptance'')', v_other), '23514', 'environment is acceptance');
  perform pg_temp.fails(format('insert into ops.deployments (project_id, source) values (%L, ''runner'')', v_other), '42501');
  perform pg_temp.fails(format('insert into ops.deployments (project_id, source) values (%L, ''hand'')', v_other), '23514', 'source');
  perform pg_temp.fails(format('insert into ops.deployments (project_id, status, completed_at) values (%L, ''running'', now())', v_other), '23514', 'needs_an_end_status');
  perform pg_temp.fails(format('insert into ops.deployments (project_id, error_rate_pct) values (%L, 101)', v_other), '23514', 'error_rate_pct');
  perform pg_temp.fails(format('insert into ops.deployments (project_id, p95_ms) values (%L, ''infinity'')', v_other), '23514', 'p95_ms');
  perform pg_temp.fails('update ops.deployments set project_id = gen_random_uuid()', '42501');
  perform pg_temp.fails('update ops.deployments set source = ''runner''', '42501');

  -- An environment goes, its deployments stay.
  perform pg_temp.act_as_server();
  delete from ops.environments where id = v_qa;
  perform pg_temp.equal('after the environment', (select count(*) from ops.deployments where environment = 'acceptance' and environment_id is null), 2);
  delete from ops.builds where id = pg_temp.build_of('a', 1);
  perform pg_temp.equal('after the build', (select count(*) from ops.deployments where branch_name = 'main' and build_id is null and org_id = pg_temp.org_of('a')), 2);
end $$;

do $$
declare
  v record;
  v_ended timestamptz := now() + interval '90 seconds';
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  insert into ops.rollback_logs (deployment_id, rollback_trigger, rollback_type, completed_at, rollback_success, rollback_reason)
    values ('a1000000-5555-4000-8000-000000000000', 'DEPLOY-002', 'database', v_ended, true, 'slow') returning * into v;
  perform pg_temp.equal('answered', (v.org_id, v.triggered_at, v.rollback_duration_minutes)::text, (pg_temp.org_of('a'), now(), 1.5000)::text);
  perform pg_temp.equal('the deployment', (select status || ' ' || rollback_reason from ops.deployments where id = v.deployment_id), 'rollback slow');
  insert into ops.rollbacks (deployment_id) values ('a3000000-5555-4000-8000-000000000000') returning * into v;
  perform pg_temp.equal('defaults', (v.rollback_trigger, v.rollback_type, v.rollback_duration_minutes, v.rollback_success)::text, '(manual,traffic,,)');
  perform pg_temp.equal('a failed one stays failed', (select status from ops.deployments where id = v.deployment_id), 'failed');
  update ops.rollback_logs set completed_at = v_ended, rollback_success = false where id = v.id returning * into v;
  perform pg_temp.equal('ended', (v.rollback_duration_minutes, v.rollback_success)::text, '(1.5000,f)');

  perform pg_temp.fails('update ops.rollback_logs set completed_at = triggered_at - interval ''1 second''', '23514', 'completed_at_is_not_before_triggered_at');
  perform pg_temp.fails('update ops.rollback_logs set deployment_id = gen_random_uuid()', 'PT400', 'nothing else');
  perform pg_temp.fails('update ops.rollbacks set deployment_id = gen_random_uuid()', '42501');
  perform pg_temp.fails('insert into ops.rollback_logs (deployment_id, rollback_trigger) values (''a1000000-5555-4000-8000-000000000000'', ''DEPLOY-009'')', '23514', 'rollback_trigger');
  perform pg_temp.fails('insert into ops.rollback_logs (deployment_id, rollback_type) values (''a1000000-5555-4000-8000-000000000000'', ''half'')', '23514', 'rollback_type');
  perform pg_temp.fails('insert into ops.rollback_logs (rollback_reason) values (''x'')', 'PT404', 'no such deployment');
  perform pg_temp.fails('insert into ops.rollback_logs (deployment_id) values (''b1000000-5555-4000-8000-000000000000'')', 'PT404', 'no such deployment');
  perform pg_temp.fails(format('insert into ops.rollback_logs (org_id, deployment_id) values (%L, ''b1000000-5555-4000-8000-000000000000'')', pg_temp.org_of('a')), '23503');
  perform pg_temp.fails(format('insert into ops.rollback_logs (org_id, deployment_id) values (%L, ''b1000000-5555-4000-8000-000000000000'')', pg_temp.org_of('b')), '42501');
  perform pg_temp.fails('insert into ops.rollback_logs (deployment_id) values (''a4000000-5555-4000-8000-000000000000'')', 'PT409', 'records its rollbacks itself');
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails('insert into ops.rollback_logs (deployment_id) values (''a2000000-5555-4000-8000-000000000000'')', '42501');
  perform pg_temp.act_as_service();
  insert into ops.rollbacks (deployment_id, rollback_trigger) values ('a4000000-5555-4000-8000-000000000000', 'DEPLOY-001');
  perform pg_temp.equal('one that runs', (select status from ops.deployments where id = 'a4000000-5555-4000-8000-000000000000'), 'running');
end $$;

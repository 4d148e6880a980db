create function pg_temp.events(p_id text) returns text[] language sql as $$
  select array_agg(e.environment || ' ' || e.status order by e.environment, e.deployed_at, e.created_at, e.id) from metrics.deployment_events e where e.deployment_id = p_id
$$;

do $$
declare
  v record;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  insert into metrics.deployment_events (deployment_id, environment, status, deployed_at, commit_sha, branch_name, pr_number, deployed_by, metadata)
    values ('d-1', 'production', 'success', '2026-03-01 10:00Z', 'abc123', 'main', 9, 'ada', '{"run": 1}') returning * into v;
  perform pg_temp.equal('answered', (v.deployment_id, v.environment, v.status, v.deployed_at, v.commit_sha, v.branch_name, v.pr_number, v.deployed_by, v.metadata, v.project_id)::text,
    ('d-1', 'production', 'success', '2026-03-01 10:00Z'::timestamptz, 'abc123', 'main', 9, 'ada', '{"run": 1}'::jsonb, pg_temp.project_of('a'))::text);
  perform pg_temp.equal('the same fact in deployment_logs', (select deployment_status || (completed_at = '2026-03-01 10:00Z') from ops.deployment_logs where id = v.id), 'successtrue');

  insert into metrics.deployment_events (status) values ('failure') returning * into v;
  perform pg_temp.equal('defaults', (v.deployment_id = v.id::text, v.environment, v.status, v.deployed_at, v.metadata)::text, (true, 'production', 'failure', now(), '{}'::jsonb)::text);
  perform pg_temp.equal('failed', (select status from ops.deployments where id = v.id), 'failed');

  -- The same event again is the same event; another environment, another time, another outcome are not.
  insert into metrics.deployment_events (deployment_id, status, deployed_at) values ('d-1', 'success', '2026-03-01 10:00Z');
  perform pg_temp.equal('repeated', pg_temp.events('d-1'), array['production success']);
  insert into metrics.deployment_events (deployment_id, environment, status, deployed_at) values ('d-1', 'development', 'success', '2026-03-01 10:00Z');
  insert into metrics.deployment_events (deployment_id, status, deployed_at) values ('d-1', 'success', '2026-03-02 10:00Z');
  perform pg_temp.equal('deployed again', pg_temp.events('d-1'), array['development success', 'production success', 'production success']);

  -- A rollback marks the latest, and once.
  insert into metrics.deployment_events (deployment_id, status, deployed_at, metadata) values ('d-1', 'rollback', '2026-03-02 10:05Z', '{"why": "slow"}') returning * into v;
  perform pg_temp.equal('rolled back', pg_temp.events('d-1'), array['development success', 'production success', 'production rollback']);
  perform pg_temp.equal('as it stands', (v.status, v.deployed_at, v.metadata)::text, ('rollback', '2026-03-02 10:00Z'::timestamptz, '{"why": "slow"}'::jsonb)::text);
  insert into metrics.deployment_events (deployment_id, status) values ('a1000000-5555-4000-8000-000000000000', 'rollback');
  perform pg_temp.equal('by the id it was given here', (select status from ops.deployments where id::text like 'a1000000-5555-%'), 'rollback');
  insert into metrics.deployment_events (deployment_id, status) values ('unheard of', 'rollback');
  perform pg_temp.equal('of a deployment that nobody recorded', pg_temp.events('unheard of'), array['production rollback']);

  perform pg_temp.fails('insert into metrics.deployment_events (deployment_id) values (''x'')', '23502', 'status is missing');
  perform pg_temp.fails('insert into metrics.deployment_events (status) values (''failed'')', '23514', 'status is failed: it is one of success, failure, rollback');
  perform pg_temp.fails('insert into metrics.deployment_events (status, environment) values (''success'', ''local'')', '23514', 'environment is local: it is one of development');
  perform pg_temp.fails(format('insert into metrics.deployment_events (status, project_id) values (''success'', %L)', pg_temp.project_of('b')), 'PT404');
  perform pg_temp.fails('insert into metrics.deployment_events (status, pr_number) values (''success'', 0)', '23514', 'pr_number');
  perform pg_temp.fails('update metrics.deployment_events set commit_sha = ''x''', '42501');
end $$;

-- Nobody marks what they may not.
do $$
begin
  perform pg_temp.act_as_service();
  update ops.deployments set status = 'success', external_id = 'ours' where id::text like 'a4000000-5555-%';
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails(format('insert into metrics.deployment_events (deployment_id, status) values (''ours'', ''rollback'')'), 'PT409', 'Plimsoll made this deployment itself');
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(format('insert into metrics.deployment_events (project_id, deployment_id, status) values (%L, ''ours'', ''rollback'')', pg_temp.project_of('a')), 'PT403');
  perform pg_temp.fails(format('insert into metrics.deployment_events (project_id, status) values (%L, ''success'')', pg_temp.project_of('a')), '42501');
  perform pg_temp.fails('insert into metrics.deployment_events (status) values (''success'')', 'PT403');
  -- The same name in another org is another deployment.
  perform pg_temp.act_as(pg_temp.user_of('b', 'developer'));
  insert into metrics.deployment_events (deployment_id, status) values ('ours', 'rollback');
  perform pg_temp.equal('of b', pg_temp.events('ours'), array['production rollback']);
  perform pg_temp.act_as_server();
  perform pg_temp.equal('of a', (select status from ops.deployments where id::text like 'a4000000-5555-%'), 'success');
end $$;

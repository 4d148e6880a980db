-- Who reads which rows. A table or view without an expectation fails.
create temp table expectation (relation text primary key, readers text not null);
grant select on expectation to public;
insert into expectation values
  -- Members of the row's org, whatever their role.
  ('registry.orgs', 'member'), ('registry.org_members', 'member'),
  ('ops.projects', 'member'), ('ops.branches', 'member'), ('ops.environments', 'member'), ('ops.builds', 'member'),
  ('ops.run_queue', 'member'), ('ops.leases', 'member'), ('ops.queue_lanes', 'member'), ('ops.build_attempts', 'member'),
  ('ops.build_steps', 'member'), ('ops.fenced_writes', 'member'), ('ops.artifacts', 'member'), ('ops.runners', 'member'),
  ('ops.log_chunks', 'member'), ('ops.log_marks', 'member'), ('ops.log_extra_events', 'member'), ('ops.audit_log', 'member'),
  ('ops.build_events', 'member'), ('ops.build_logs', 'member'),
  ('ops.metrics', 'member'), ('ops.system_metrics', 'member'), ('ops.monitoring', 'member'), ('ops.advisories', 'member'),
  ('ops.upgrades', 'member'), ('ops.ingest_jobs', 'member'), ('ops.ai_action_ledger', 'member'),
  ('ops.deployments', 'member'), ('ops.rollbacks', 'member'), ('ops.deployment_logs', 'member'), ('ops.rollback_logs', 'member'),
  ('metrics.test_runs', 'member'), ('metrics.test_cases', 'member'), ('metrics.deployment_events', 'member'),
  ('metrics.pr_events', 'member'), ('metrics.rule_compliance_events', 'member'), ('metrics.development_metrics', 'member'),
  -- Its admins and owners.
  ('registry.api_tokens', 'admin'), ('registry.webhook_secrets', 'admin'), ('ops.project_secrets', 'admin'),
  ('ops.webhook_deliveries', 'admin'),
  -- Nobody but the server.
  ('registry.credentials', 'nobody'), ('registry.sessions', 'nobody'), ('registry.signin_links', 'nobody'),
  ('registry.server_keys', 'nobody'), ('registry.auth_sessions', 'nobody'), ('registry.refresh_tokens', 'nobody'),
  ('registry.migrations', 'nobody'), ('registry.definitions', 'nobody'), ('ops.idempotency_keys', 'nobody');

-- How a row of each relation tells its org.
create function pg_temp.rows_of(p_relation text, p_org text) returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_condition text := case
    when p_relation = 'registry.orgs' then 'id = $1'
    when p_relation in ('ops.build_events', 'ops.build_logs') then 'build_id::text like left($1::text, 1) || ''%'''
    when p_relation in ('registry.credentials', 'registry.sessions') then 'user_id::text like left($1::text, 1) || ''%'''
    when p_relation in ('ops.idempotency_keys', 'registry.migrations', 'registry.definitions') then 'true'
    else 'org_id = $1' end;
begin
  -- Of views every column, so that what they call is called; of tables with column grants that would be too much.
  execute format('select count(%s) from %s x where %s',
    case when p_relation in ('ops.build_events', 'ops.build_logs') then 'x::text' else '*' end, p_relation, v_condition)
  into v_count using pg_temp.org_of(p_org);
  return v_count;
end
$$;

do $$
declare
  v_bad text;
begin
  select string_agg(c.oid::regclass::text, ', ' order by 1) into v_bad
  from pg_class c
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p', 'v', 'm')
    and not c.relispartition and c.oid::regclass::text not in (select relation from expectation);
  perform pg_temp.equal('relations without an expectation in isolation.sql', v_bad, null);
end $$;

do $$
declare
  e record;
  v_org text;
  v_other text;
  v_role text;
  v_there bigint;
  v_may boolean;
begin
  for e in select * from expectation order by relation loop
    if e.readers = 'nobody' then
      perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
      perform pg_temp.fails(format('select 1 from %s', e.relation), '42501');
      perform pg_temp.act_as_server();
      continue;
    end if;
    foreach v_org in array array['a', 'b'] loop
      v_other := translate(v_org, 'ab', 'ba');
      v_there := pg_temp.rows_of(e.relation, v_org);
      perform pg_temp.equal(e.relation || ' has sample rows', v_there > 0, true);
      foreach v_role in array array['owner', 'admin', 'developer', 'viewer', 'removed'] loop
        v_may := v_role <> 'removed' and (e.readers = 'member' or v_role in ('owner', 'admin'));
        perform pg_temp.act_as(pg_temp.user_of(v_org, v_role));
        perform pg_temp.equal(format('rows of their own org in %s for %s', e.relation, v_role),
          pg_temp.rows_of(e.relation, v_org), case when v_may then v_there else 0 end);
        perform pg_temp.equal(format('rows of another org in %s for %s', e.relation, v_role), pg_temp.rows_of(e.relation, v_other), 0);
        perform pg_temp.act_as_server();
      end loop;
      -- A token reads as its member does, within its org and scopes.
      perform pg_temp.act_as_token(v_org, 'owner', 'read');
      perform pg_temp.equal('rows for a token that reads in ' || e.relation, pg_temp.rows_of(e.relation, v_org),
        case when e.readers = 'member' then v_there else 0 end);
      perform pg_temp.act_as_token(v_org, 'owner', 'runner');
      perform pg_temp.equal('rows for a token of runners in ' || e.relation, pg_temp.rows_of(e.relation, v_org), 0);
      perform pg_temp.act_as_server();
      perform pg_temp.act_as_service();
      perform pg_temp.equal('rows for service_role in ' || e.relation, pg_temp.rows_of(e.relation, v_org), v_there);
      perform pg_temp.act_as_server();
    end loop;
    perform pg_temp.act_as(gen_random_uuid());
    perform pg_temp.equal('rows for a stranger in ' || e.relation, pg_temp.rows_of(e.relation, 'a') + pg_temp.rows_of(e.relation, 'b'), 0);
    perform pg_temp.act_as_anon();
    perform pg_temp.fails(format('select 1 from %s', e.relation), '42501');
    perform pg_temp.act_as_server();
  end loop;
end $$;

-- Partitions named directly answer nobody.
do $$
declare
  p regclass;
begin
  perform ops.ensure_log_partitions(2);
  for p in select relid from pg_partition_tree('ops.log_chunks') where level > 0 loop
    perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
    perform pg_temp.fails(format('select 1 from %s', p), '42501');
    perform pg_temp.act_as_server();
    perform pg_temp.equal('row level security of ' || p, (select relrowsecurity from pg_class where oid = p), true);
  end loop;
end $$;

-- Plain inserts by outside clients: by role, into the own org, and nothing but a queued build.
do $$
declare
  v_project text := 'insert into ops.projects (org_id, name, slug, repo_url, runtime_version) values (%L, ''New'', ''new'', ''https://x.example/y.git'', ''19.0'')';
  v_branch text := 'insert into ops.branches (project_id, name, stage) values (%L, ''topic'', %L)';
  v_build text := 'insert into ops.builds (project_id, branch_id, status) values (%L, %L, %L)';
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format(v_project, pg_temp.org_of('a')), '42501');
  perform pg_temp.fails(format(v_branch, pg_temp.project_of('a'), 'production'), '42501');
  perform pg_temp.fails(format(v_branch, pg_temp.project_of('b'), 'development'), 'PT404');
  perform pg_temp.fails(format(v_build, pg_temp.project_of('a'), pg_temp.branch_of('a', 3), 'running'), '42501');
  perform pg_temp.fails(format(v_build, pg_temp.project_of('b'), pg_temp.branch_of('b', 3), 'queued'), 'PT404');
  perform pg_temp.fails(format('insert into ops.branches (org_id, project_id, name) values (%L, %L, ''topic'')',
    pg_temp.org_of('a'), pg_temp.project_of('b')), '23503');
  execute format(v_branch, pg_temp.project_of('a'), 'development');
  execute format(v_build, pg_temp.project_of('a'), pg_temp.branch_of('a', 3), 'queued');
  perform pg_temp.equal('org of the branch', (select org_id from ops.branches where name = 'topic'), pg_temp.org_of('a'));
  perform pg_temp.fails('update ops.projects set name = ''x''', '42501');
  perform pg_temp.fails('delete from ops.builds', '42501');

  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(format(v_branch, pg_temp.project_of('a'), 'staging'), '42501');
  perform pg_temp.fails(format(v_build, pg_temp.project_of('a'), pg_temp.branch_of('a', 3), 'queued'), 'PT403');

  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  execute format(v_project, pg_temp.org_of('a'));
  perform pg_temp.fails(format(v_project, pg_temp.org_of('b')), '42501');
end $$;

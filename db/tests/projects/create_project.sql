do $$
declare
  v_org uuid := pg_temp.org_of('a');
  v_project uuid;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format('select ops.create_project(%L, ''X'', ''/srv/x'')', v_org), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  perform pg_temp.fails(format('select ops.create_project(%L, ''X'', ''/srv/x'')', v_org), 'PT404', 'no such organisation');
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform pg_temp.fails(format('select ops.create_project(%L, '' '', ''/srv/x'')', v_org), 'PT400', '1 to 200');
  perform pg_temp.fails(format('select ops.create_project(%L, ''X'', '''')', v_org), 'PT400', 'address of its repository');
  perform pg_temp.fails(format('select ops.create_project(%L, ''X'', ''/srv/x'', ''Not a slug'')', v_org), 'PT400', 'slug');
  perform pg_temp.fails(format('select ops.create_project(%L, ''X'', ''/srv/x'', ''shop'')', v_org), 'PT409', 'choose another');
  v_project := ops.create_project(v_org, ' Shop ', ' https://user:secret@x.example/shop.git ');
  perform pg_temp.equal('derived', (select p.name || ' ' || p.slug || ' ' || p.default_branch from ops.list_projects() p where p.id = v_project), 'Shop shop-2 main');
  perform pg_temp.equal('to be read', (select sync_requested_at is not null from ops.projects where id = v_project), true);
  perform pg_temp.equal('found by its repository', ops.project_by_repo(v_org, 'git@x.example:shop'), v_project);
  perform pg_temp.equal('not in the other org', ops.project_by_repo(pg_temp.org_of('b'), 'git@x.example:shop'), null);
  perform pg_temp.equal('no secret in the audit log',
    (select detail::text like '%secret%' from ops.audit_log where action = 'project.created' and target = 'project:' || v_project), false);

  perform pg_temp.equal('listed', (select p.branch_count || ' ' || p.last_build_status from ops.list_projects() p where p.id = pg_temp.project_of('a')), '3 queued');
  perform pg_temp.equal('branches', (select array_agg(b.name || ' ' || b.build_count) from ops.project_branches(pg_temp.project_of('a')) b),
    array['main 3', 'staging 0', 'feature/x 0']);
  perform pg_temp.equal('builds of main', (select array_agg(b.build_number || ' ' || b.status) from ops.branch_builds(pg_temp.branch_of('a', 1)) b),
    array['3 queued', '2 running', '1 success']);
  perform pg_temp.equal('another org''s builds', (select count(*) from ops.branch_builds(pg_temp.branch_of('b', 1))), 0);
  perform pg_temp.equal('another org''s branches', (select count(*) from ops.project_branches(pg_temp.project_of('b'))), 0);
  perform pg_temp.equal('is_production follows', (select bool_and(b.is_production = (b.stage = 'production')) from ops.branches b), true);
end $$;

-- Either name of the one fact may be written.
do $$
declare
  v_branch uuid;
begin
  perform pg_temp.act_as_server();
  insert into ops.projects (org_id, name, repo_url) values (pg_temp.org_of('a'), 'Plain', '/srv/plain');
  insert into ops.branches (project_id, name, is_production) select id, 'main', true from ops.projects where slug = 'plain' returning id into v_branch;
  perform pg_temp.equal('stage', (select stage from ops.branches where id = v_branch), 'production');
  update ops.branches set stage = 'staging' where id = v_branch;
  perform pg_temp.equal('is_production', (select is_production from ops.branches where id = v_branch), false);
  insert into ops.environments (project_id, name, kind) select id, 'qa', 'acceptance' from ops.projects where slug = 'plain';
  perform pg_temp.equal('org of the environment', (select org_id from ops.environments where name = 'qa'), pg_temp.org_of('a'));
  perform pg_temp.fails(format('insert into ops.environments (project_id, name) values (%L, ''qa'')', gen_random_uuid()), 'PT404', 'no such project');
end $$;

-- Secrets go in and never come out.
do $$
declare
  v_project uuid := pg_temp.project_of('a');
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format('select ops.set_project_secret(%L, ''TOKEN'', ''\x01'')', v_project), 'PT403');
  perform pg_temp.fails(format('select * from ops.list_project_secrets(%L)', v_project), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform ops.set_project_secret(v_project, 'TOKEN', decode(repeat('01', 29), 'hex'));
  perform ops.set_project_secret(v_project, 'TOKEN', decode('01' || repeat('02', 28), 'hex'));
  perform pg_temp.fails(format('select ops.set_project_secret(%L, ''TOKEN'', %L)', v_project, wrong), 'PT400', 'not sealed')
    from unnest(array['in plain text'::bytea, decode('01', 'hex'), decode('02' || repeat('01', 28), 'hex'), null]) wrong;
  perform pg_temp.fails(format('select ops.set_project_secret(%L, ''lower'', ''\x01'')', v_project), 'PT400', 'environment variable');
  perform pg_temp.equal('names', (select array_agg(s.name) from ops.list_project_secrets(v_project) s), array['DEPLOY_KEY', 'TOKEN']);
  perform pg_temp.fails(format('select ops.sealed_project_secrets(%L)', v_project), '42501');
  perform ops.delete_project_secret(v_project, 'DEPLOY_KEY');
  perform pg_temp.fails(format('select ops.delete_project_secret(%L, ''DEPLOY_KEY'')', v_project), 'PT404', 'no secret DEPLOY_KEY');
  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  perform pg_temp.fails(format('select ops.delete_project_secret(%L, ''TOKEN'')', v_project), 'PT404', 'no such project');
  perform pg_temp.act_as_server();
  perform pg_temp.equal('for the server', (select s.sealed from ops.sealed_project_secrets(v_project) s), decode('01' || repeat('02', 28), 'hex'));
end $$;

-- Archiving ends what is under way and takes nothing new.
do $$
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format('select ops.archive_project(%L)', pg_temp.project_of('a')), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform ops.archive_project(pg_temp.project_of('a'));
  perform ops.archive_project(pg_temp.project_of('a'));
  perform pg_temp.equal('the queued build', (select status from ops.builds where id = pg_temp.build_of('a', 3)), 'cancelled');
  perform pg_temp.equal('the running build is asked to stop', (select cancel_reason from ops.leases where build_id = pg_temp.build_of('a', 2)), 'cancelled');
  perform pg_temp.fails(format('select ops.trigger_build(%L, %L)', pg_temp.project_of('a'), pg_temp.branch_of('a', 3)), 'PT409', 'archived');
  perform pg_temp.fails(format('select ops.request_sync(%L)', pg_temp.project_of('a')), 'PT409', 'archived');
end $$;

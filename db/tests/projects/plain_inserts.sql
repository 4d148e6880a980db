-- Plain inserts by outside clients: what they leave out is filled, a wrong org is refused, and nothing but a queued build goes in.
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

  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(format(v_branch, pg_temp.project_of('a'), 'staging'), '42501');
  perform pg_temp.fails(format(v_build, pg_temp.project_of('a'), pg_temp.branch_of('a', 3), 'queued'), 'PT403');

  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  execute format(v_project, pg_temp.org_of('a'));
  perform pg_temp.fails(format(v_project, pg_temp.org_of('b')), '42501');
end $$;

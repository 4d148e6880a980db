-- Reads the repository as of now and answers what changed, as "change name" in order of name.
create function pg_temp.sync(p_project uuid, p_default text, variadic p_refs text[]) returns text[] language plpgsql as $$
declare
  v_answer text[];
begin
  update ops.projects set sync_started_at = clock_timestamp() where id = p_project;
  select array_agg(s.change || ' ' || s.name order by s.name) into v_answer
  from ops.sync_branches(p_project, p_default,
    (select jsonb_agg(jsonb_build_object('name', split_part(r, '=', 1), 'sha', repeat(split_part(r, '=', 2), 40))) from unnest(p_refs) r)) s;
  return v_answer;
end
$$;
create function pg_temp.state(p_project uuid) returns text[] language sql as $$
  select array_agg(concat_ws(' ', name, stage, left(head_sha, 1), nullif(status, 'ready')) order by name) from ops.branches where project_id = p_project
$$;

do $$
declare
  p uuid;
begin
  insert into ops.projects (org_id, name, repo_url) values (pg_temp.org_of('a'), 'Fresh', '/srv/fresh') returning id into p;
  perform pg_temp.equal('first sight', pg_temp.sync(p, 'trunk', 'trunk=1', 'staging=2', 'feature/x=3', 'preprod=4'),
    array['added feature/x', 'added preprod', 'added staging', 'added trunk']);
  perform pg_temp.equal('stages', pg_temp.state(p),
    array['feature/x development 3', 'preprod staging 4', 'staging staging 2', 'trunk production 1']);
  perform pg_temp.equal('default branch', (select default_branch from ops.projects where id = p), 'trunk');
  perform pg_temp.equal('no longer asked for', (select sync_requested_at is null and synced_at is not null from ops.projects where id = p), true);
  perform pg_temp.equal('nothing new', pg_temp.sync(p, 'trunk', 'trunk=1', 'staging=2', 'feature/x=3', 'preprod=4'), null);

  -- A branch keeps the stage it was moved to.
  update ops.branches set stage = 'staging' where project_id = p and name = 'feature/x';
  perform pg_temp.equal('moved', pg_temp.sync(p, 'trunk', 'trunk=a', 'staging=2', 'feature/x=3'), array['archived preprod', 'moved trunk']);
  perform pg_temp.equal('after', pg_temp.state(p),
    array['feature/x staging 3', 'preprod staging 4 archived', 'staging staging 2', 'trunk production a']);
  perform pg_temp.equal('back', pg_temp.sync(p, 'trunk', 'trunk=a', 'staging=2', 'feature/x=3', 'preprod=5'), array['restored preprod']);

  -- The default branch is renamed: production goes with it.
  perform pg_temp.equal('renamed', pg_temp.sync(p, 'main', 'main=a', 'staging=2'),
    array['archived feature/x', 'added main', 'archived preprod', 'archived trunk']);
  perform pg_temp.equal('production', (select name from ops.branches where project_id = p and is_production), 'main');

  perform pg_temp.fails(format('select ops.sync_branches(%L, ''main'', ''[]'')', p), 'PT400', 'without branches');
  perform pg_temp.fails(format('select ops.sync_branches(%L, ''main'', ''[{"name": "main"}]'')', gen_random_uuid()), 'PT404');
end $$;

-- A push that arrived while the repository was read is newer than what was read.
do $$
declare
  p uuid := pg_temp.project_of('a');
begin
  update ops.projects set sync_started_at = clock_timestamp() where id = p;
  update ops.branches set head_sha = repeat('f', 40), head_pushed_at = clock_timestamp() where id = pg_temp.branch_of('a', 1);
  perform ops.sync_branches(p, 'main', jsonb_build_array(jsonb_build_object('name', 'main', 'sha', repeat('0', 40))));
  perform pg_temp.equal('head', (select left(head_sha, 1) from ops.branches where id = pg_temp.branch_of('a', 1)), 'f');
  perform pg_temp.equal('still production', (select stage from ops.branches where id = pg_temp.branch_of('a', 1)), 'production');
end $$;

-- Asking, taking, failing.
do $$
declare
  p uuid := pg_temp.project_of('a');
begin
  update ops.projects set sync_requested_at = null;
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(format('select ops.request_sync(%L)', p), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform ops.request_sync(p);
  perform pg_temp.act_as_server();
  perform pg_temp.equal('taken', (select array_agg(t.project_id) from ops.projects_to_sync(10) t), array[p]);
  perform pg_temp.equal('taken twice', (select count(*) from ops.projects_to_sync(10)), 0);
  perform ops.record_sync_error(p, 'no such repository: check the address');
  perform pg_temp.equal('after a failure', (select count(*) from ops.projects_to_sync(10)), 0);
  perform pg_temp.equal('why', (select sync_error from ops.projects where id = p), 'no such repository: check the address');
  perform pg_temp.equal('tried again later', (select sync_requested_at > clock_timestamp() from ops.projects where id = p), true);
  perform ops.request_sync(p);
  perform pg_temp.equal('when asked', (select count(*) from ops.projects_to_sync(10)), 1);

  -- Asked for again while it was read: once more.
  perform ops.request_sync(p);
  perform ops.sync_branches(p, 'main', '[{"name": "main", "sha": null}]');
  perform pg_temp.equal('asked meanwhile', (select count(*) from ops.projects_to_sync(10)), 1);
  update ops.projects set sync_started_at = clock_timestamp() - interval '3 minutes', sync_requested_at = clock_timestamp() - interval '4 minutes' where id = p;
  perform pg_temp.equal('taken over from one that died', (select count(*) from ops.projects_to_sync(10)), 1);
end $$;

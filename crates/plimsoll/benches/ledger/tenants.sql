-- 1,000 orgs with a project, a branch and 100 builds each, and the person who asks: owner of the first org, which has 20
-- projects. Triggers are off: it is reading that is measured.
set session_replication_role = replica;
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000bec0', 'bench@example.test');
insert into registry.orgs (id, name, slug)
  select format('%s-0000-4000-8000-00000000bec0', lpad(to_hex(n), 8, '0'))::uuid, 'Bench ' || n, 'bench-' || n from generate_series(1, 1000) n;
insert into registry.org_members (org_id, user_id, role) values
  ('00000001-0000-4000-8000-00000000bec0', '00000000-0000-4000-8000-00000000bec0', 'owner');
insert into ops.projects (org_id, name, slug, repo_url, sync_requested_at, next_build_number)
  select o.id, 'Project ' || n, 'project-' || n, 'https://git.example.com/project.git', null, 101
  from registry.orgs o, generate_series(1, case when o.slug = 'bench-1' then 20 else 1 end) n where o.slug like 'bench-%';
insert into ops.branches (org_id, project_id, name, stage, is_production)
  select p.org_id, p.id, 'main', 'production', true from ops.projects p where p.repo_url = 'https://git.example.com/project.git';
insert into ops.builds (org_id, project_id, branch_id, build_number, status, started_at, finished_at, duration_seconds, commit_sha, created_at)
  select b.org_id, b.project_id, b.id, n, case when n % 7 = 0 then 'failed' else 'success' end, now() - n * interval '1 hour',
    now() - n * interval '1 hour' + interval '90 s', 90, repeat('c0ffee', 6) || 'c0ff', now() - n * interval '1 hour'
  from ops.branches b join ops.projects p on p.id = b.project_id and p.repo_url = 'https://git.example.com/project.git',
    generate_series(1, 100) n;
insert into ops.log_chunks (bucket, build_id, first_line, line_count, org_id, base_at, dt_ms, kind, body)
  select b.log_bucket, b.id, 1 + (n - 1) * 500, 500, b.org_id, b.created_at, array(select g from generate_series(1, 500) g),
    array_fill(9::smallint, array[500]), (select string_agg('compiling unit ' || g || ' of the project, as a line of usual length', E'\n') from generate_series(1, 500) g)
  from ops.builds b, generate_series(1, 4) n
  where b.org_id = '00000001-0000-4000-8000-00000000bec0' and b.build_number = 100;
set session_replication_role = origin;
vacuum analyze;

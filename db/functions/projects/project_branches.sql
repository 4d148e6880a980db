create or replace function ops.project_branches(p_project_id uuid)
  returns table (id uuid, project_id uuid, name text, stage text, is_production boolean, last_build_id uuid, git_ref text,
                 status text, created_at timestamptz, updated_at timestamptz,
                 build_count bigint, last_build_status text, last_build_at timestamptz)
  language sql stable security definer
  set search_path = ''
as $$
  -- The caller's role is asked for once; row by row, a branch's newest build would be sought among all of the org's.
  select b.id, b.project_id, b.name, b.stage, b.is_production, b.last_build_id, b.git_ref,
         b.status, b.created_at, b.updated_at, c.build_count, l.status, l.created_at
  from ops.branches b
  cross join lateral (select count(*) as build_count from ops.builds u where u.branch_id = b.id) c
  left join lateral (select u.status, u.created_at from ops.builds u
                     where u.branch_id = b.id order by u.created_at desc, u.build_number desc limit 1) l on true
  where b.project_id = p_project_id
    and registry.has_role((select p.org_id from ops.projects p where p.id = p_project_id), 'viewer')
  order by array_position(array['production', 'staging', 'development'], b.stage), b.status = 'archived',
           l.created_at desc nulls last, lower(b.name), b.id;
$$;
comment on function ops.project_branches(uuid) is
  'A project''s branches, production first, with how many builds they had and how the last one went; none of a project that the caller may not see.';
revoke all on function ops.project_branches(uuid) from public, anon;
grant execute on function ops.project_branches(uuid) to authenticated, service_role;

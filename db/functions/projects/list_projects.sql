create or replace function ops.list_projects()
  returns table (id uuid, org_id uuid, name text, slug text, repo_url text, default_branch text, runtime_version text,
                 status text, created_at timestamptz, updated_at timestamptz,
                 branch_count bigint, last_build_status text, last_build_at timestamptz)
  language sql stable
  set search_path = ''
as $$
  select p.id, p.org_id, p.name, p.slug, p.repo_url, p.default_branch, p.runtime_version,
         p.status, p.created_at, p.updated_at, b.branch_count, l.status, l.created_at
  from ops.projects p
  cross join lateral (select count(*) as branch_count from ops.branches b
                      where b.project_id = p.id and b.org_id = p.org_id and b.status <> 'archived') b
  -- By its number, and shut off by `offset 0`: row level security lets no subtraction into an index condition of the same
  -- level, and "the highest number" becomes a search through all builds of the org.
  left join lateral (select b.status, b.created_at from ops.builds b
                     where b.project_id = p.id and b.build_number = p.next_build_number - 1 offset 0) l on true
  order by lower(p.name), p.id;
$$;
comment on function ops.list_projects() is
  'The projects that the caller may see, with how many branches they have and how their last build went.';
revoke all on function ops.list_projects() from public, anon;
grant execute on function ops.list_projects() to authenticated, service_role;

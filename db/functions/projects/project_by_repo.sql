create or replace function ops.project_by_repo(p_org_id uuid, p_repo_url text) returns uuid
  language sql stable
  set search_path = ''
as $$
  select p.id from ops.projects p
  where p.org_id = p_org_id and p.status <> 'archived' and ops.repo_key(p.repo_url) = ops.repo_key(p_repo_url)
  order by p.created_at, p.id limit 1;
$$;
comment on function ops.project_by_repo(uuid, text) is
  'The org''s project of this repository, however its address is spelled; null where there is none.';
revoke all on function ops.project_by_repo(uuid, text) from public, anon;
grant execute on function ops.project_by_repo(uuid, text) to authenticated, service_role;

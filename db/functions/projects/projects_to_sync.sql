create or replace function ops.projects_to_sync(p_limit integer)
  returns table (project_id uuid, org_id uuid, repo_url text, default_branch text)
  language sql security definer
  set search_path = ''
as $$
  update ops.projects p set sync_started_at = clock_timestamp()
  where p.id = any (array(
    select d.id from ops.projects d
    where d.sync_requested_at <= clock_timestamp() and d.status = 'active'
      and (d.sync_started_at is null or d.sync_started_at < d.sync_requested_at
           or d.sync_started_at < clock_timestamp() - interval '2 minutes')
    order by d.sync_requested_at
    limit p_limit
    for no key update skip locked))
  returning p.id, p.org_id, p.repo_url, p.default_branch;
$$;
comment on function ops.projects_to_sync(integer) is
  'Takes projects whose branches are to be read. One that is not heard of again within two minutes is taken anew.';
revoke all on function ops.projects_to_sync(integer) from public, anon, authenticated;
grant execute on function ops.projects_to_sync(integer) to service_role;

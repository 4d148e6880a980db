create or replace function ops.first_stage(p_project_id uuid, p_branch text, p_default_branch text) returns text
  language sql stable security definer
  set search_path = ''
as $$
  select case
    when p_branch = p_default_branch
         and not exists (select from ops.branches b where b.project_id = p_project_id and b.is_production)
      then 'production'
    when p_branch in ('staging', 'stage', 'preprod') then 'staging'
    else 'development'
  end;
$$;
comment on function ops.first_stage(uuid, text, text) is
  'The stage a branch begins in: production for the default branch of a project that has none, staging by its name, else development.';
revoke all on function ops.first_stage(uuid, text, text) from public, anon, authenticated;
grant execute on function ops.first_stage(uuid, text, text) to service_role;

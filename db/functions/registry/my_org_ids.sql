create or replace function ops.my_org_ids() returns setof uuid
  language sql stable security definer
  set search_path = ''
  rows 3
as $$
  select registry.org_ids_with_role('viewer');
$$;
comment on function ops.my_org_ids() is 'The orgs whose rows the caller may read.';
revoke all on function ops.my_org_ids() from public, anon;
grant execute on function ops.my_org_ids() to authenticated, service_role;

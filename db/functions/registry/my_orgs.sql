create or replace function registry.my_orgs()
  returns table (id uuid, name text, slug text, role text)
  language sql stable security definer
  set search_path = ''
as $$
  select o.id, o.name, o.slug, case when registry.is_service() then 'owner' else registry.member_role(o.id) end
  from registry.orgs o
  where registry.is_service() or o.id = any (array(select ops.my_org_ids()))
  order by lower(o.name), o.id;
$$;
comment on function registry.my_orgs() is
  'The caller''s orgs with the caller''s role in each; every org, as owner, for the server itself.';
revoke all on function registry.my_orgs() from public, anon;
grant execute on function registry.my_orgs() to authenticated, service_role;

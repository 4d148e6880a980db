create or replace function ops.create_project(
    p_org_id uuid, p_name text, p_repo_url text, p_slug text default null, p_default_branch text default null)
  returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_project_id uuid;
begin
  perform registry.require_role(p_org_id, 'admin', 'organisation');
  if not exists (select from registry.orgs o where o.id = p_org_id) then
    raise sqlstate 'PT404' using message = 'there is no such organisation';
  end if;
  if p_name is null or length(btrim(p_name)) not between 1 and 200 then
    raise sqlstate 'PT400' using message = 'a project''s name has 1 to 200 characters';
  end if;
  if p_repo_url is null or length(btrim(p_repo_url)) not between 1 and 2000 then
    raise sqlstate 'PT400' using message = 'a project needs the address of its repository, such as https://github.com/owner/name.git';
  end if;
  if p_slug !~ '^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$' then
    raise sqlstate 'PT400' using
      message = 'a slug has lower-case letters, digits, and dots, dashes or underscores between them, 100 characters at most';
  end if;
  if exists (select from ops.projects p where p.org_id = p_org_id and p.slug = p_slug) then
    raise sqlstate 'PT409' using message = format('the organisation has a project with the slug %s already: choose another', p_slug);
  end if;
  insert into ops.projects (org_id, name, slug, repo_url, default_branch)
  values (p_org_id, btrim(p_name), p_slug, btrim(p_repo_url), coalesce(nullif(btrim(p_default_branch), ''), 'main'))
  returning id into v_project_id;
  perform ops.audit(p_org_id, 'project.created', 'project:' || v_project_id,
    jsonb_build_object('name', btrim(p_name), 'repo_url', regexp_replace(btrim(p_repo_url), '//[^@/]*@', '//')));
  return v_project_id;
end
$$;
comment on function ops.create_project(uuid, text, text, text, text) is
  'Adds a repository to the org; its branches are read next. The slug is derived where none is given.';
revoke all on function ops.create_project(uuid, text, text, text, text) from public, anon;
grant execute on function ops.create_project(uuid, text, text, text, text) to authenticated, service_role;

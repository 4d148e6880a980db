create or replace function registry.webhook_secret(p_target text, p_provider text)
  returns table (org_id uuid, project_id uuid, sealed bytea, previous_sealed bytea)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
  v_project_id uuid;
begin
  if p_target ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select p.org_id, p.id into v_org_id, v_project_id from ops.projects p where p.id = p_target::uuid;
    if v_org_id is null then
      select o.id into v_org_id from registry.orgs o where o.id = p_target::uuid;
    end if;
  elsif position('/' in p_target) > 0 then
    select p.org_id, p.id into v_org_id, v_project_id
    from registry.orgs o join ops.projects p on p.org_id = o.id
    where o.slug = lower(split_part(p_target, '/', 1)) and p.slug = lower(substr(p_target, position('/' in p_target) + 1));
  else
    select o.id into v_org_id from registry.orgs o where o.slug = lower(p_target);
  end if;
  return query
    select w.org_id, v_project_id, w.sealed, w.previous_sealed
    from registry.webhook_secrets w where w.org_id = v_org_id and w.provider = p_provider;
end
$$;
comment on function registry.webhook_secret(text, text) is
  'The sealed secrets for a webhook''s address: an org''s id or slug, a project''s id, or org/project by slugs. No row when there are none.';
revoke all on function registry.webhook_secret(text, text) from public, anon, authenticated;
grant execute on function registry.webhook_secret(text, text) to service_role;

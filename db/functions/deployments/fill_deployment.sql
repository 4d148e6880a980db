create or replace function ops.fill_deployment() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_build record;
begin
  if new.build_id is not null then
    select b.project_id, b.commit_sha, b.pr_number, br.name, br.stage into v_build
      from ops.builds b join ops.branches br on br.id = b.branch_id
      where b.id = new.build_id and b.project_id = coalesce(new.project_id, b.project_id) and registry.has_role(b.org_id, 'viewer');
    if not found then
      raise sqlstate 'PT404' using message = 'there is no such build in the project', hint = 'check build_id and project_id';
    end if;
    new.project_id := v_build.project_id;
    new.commit_sha := coalesce(new.commit_sha, v_build.commit_sha);
    new.branch_name := coalesce(new.branch_name, v_build.name);
    new.pr_number := coalesce(new.pr_number, v_build.pr_number);
    if new.environment_id is null then
      new.environment := coalesce(new.environment, v_build.stage);
    end if;
  end if;
  if new.environment_id is not null then
    select e.project_id, e.kind into new.project_id, new.environment
      from ops.environments e
      where e.id = new.environment_id and e.project_id = coalesce(new.project_id, e.project_id) and registry.has_role(e.org_id, 'viewer');
    if not found then
      raise sqlstate 'PT404' using message = 'there is no such environment in the project', hint = 'check environment_id and project_id';
    end if;
  end if;
  new.project_id := coalesce(new.project_id, ops.default_project(new.org_id));
  if new.org_id is null then
    select p.org_id into new.org_id from ops.projects p where p.id = new.project_id;
    -- To a stranger, a project of another org looks like one that does not exist.
    perform registry.require_role(new.org_id, 'viewer', 'project');
  end if;
  if new.environment_id is null then
    new.environment := coalesce(new.environment, 'production');
    -- The environment itself where there is no doubt which one is meant.
    select case count(*) when 1 then min(e.id::text)::uuid end into new.environment_id
      from ops.environments e where e.org_id = new.org_id and e.project_id = new.project_id and e.kind = new.environment;
    if new.environment not in ('production', 'staging', 'development') and not exists (select from ops.environments e
        where e.org_id = new.org_id and e.project_id = new.project_id and e.kind = new.environment) then
      raise check_violation using
        message = format('environment is %s: it is one of development, staging, production, or the kind of an environment of the project', new.environment);
    end if;
  end if;
  return new;
end
$$;
comment on function ops.fill_deployment() is
  'Fills a deployment''s project (from its build, its environment, or the caller''s default), its org, its environment (production unless the build says otherwise) and what its build knows, each where it is left out.';
revoke all on function ops.fill_deployment() from public, anon, authenticated;
create or replace trigger fill_deployment before insert on ops.deployments
  for each row execute function ops.fill_deployment();

create or replace function ops.set_production_branch(p_branch_id uuid) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_branch ops.branches;
  v_former ops.branches;
begin
  select b.* into v_branch from ops.branches b where b.id = p_branch_id;
  perform registry.require_role(v_branch.org_id, 'admin', 'branch');
  -- Two swaps at once would each free the place for the other; the project's row lets one go first.
  perform 1 from ops.projects p where p.id = v_branch.project_id for no key update;
  select b.* into v_branch from ops.branches b where b.id = p_branch_id for no key update;
  if v_branch.is_production then
    return;
  end if;
  if v_branch.status = 'archived' then
    raise sqlstate 'PT409' using message = format('%s is archived: it is no longer in the repository', v_branch.name);
  end if;
  update ops.branches b set stage = v_branch.stage
  where b.project_id = v_branch.project_id and b.is_production
  returning b.* into v_former;
  update ops.branches b set stage = 'production' where b.id = p_branch_id;
  perform ops.audit(v_branch.org_id, 'branch.production_changed', 'branch:' || p_branch_id,
    jsonb_build_object('name', v_branch.name, 'former', v_former.name));
end
$$;
comment on function ops.set_production_branch(uuid) is
  'Makes a branch the production branch; the one that was takes its stage.';
revoke all on function ops.set_production_branch(uuid) from public, anon;
grant execute on function ops.set_production_branch(uuid) to authenticated, service_role;

create or replace function ops.set_branch_stage(p_branch_id uuid, p_stage text) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_branch ops.branches;
begin
  select b.* into v_branch from ops.branches b where b.id = p_branch_id for no key update;
  perform registry.require_role(v_branch.org_id, 'developer', 'branch');
  if p_stage is null or p_stage not in ('production', 'staging', 'development') then
    raise sqlstate 'PT400' using message = 'a stage is one of production, staging, development';
  end if;
  if v_branch.stage = p_stage then
    return;
  end if;
  if p_stage = 'production' then
    raise sqlstate 'PT409' using
      message = format('%s cannot be moved from %s onto production: merge it, a merge is a build', v_branch.name, v_branch.stage),
      hint = 'an admin can make another branch the production branch';
  end if;
  if v_branch.stage = 'production' then
    raise sqlstate 'PT409' using
      message = format('%s is the production branch and cannot be moved to %s', v_branch.name, p_stage),
      hint = 'an admin can make another branch the production branch';
  end if;
  if v_branch.status = 'archived' then
    raise sqlstate 'PT409' using message = format('%s is archived: it is no longer in the repository', v_branch.name);
  end if;
  update ops.branches b set stage = p_stage where b.id = p_branch_id;
  perform ops.audit(v_branch.org_id, 'branch.stage_changed', 'branch:' || p_branch_id,
    jsonb_build_object('name', v_branch.name, 'from', v_branch.stage, 'to', p_stage));
end
$$;
comment on function ops.set_branch_stage(uuid, text) is
  'Moves a branch between development and staging. Nothing is moved onto production, nor off it: that takes a merge, or ops.set_production_branch.';
revoke all on function ops.set_branch_stage(uuid, text) from public, anon;
grant execute on function ops.set_branch_stage(uuid, text) to authenticated, service_role;

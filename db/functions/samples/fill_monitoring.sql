create or replace function ops.fill_monitoring() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_branch record;
begin
  select b.org_id, b.project_id into v_branch from ops.branches b where b.id = new.branch_id;
  if new.org_id is null then
    perform registry.require_role(v_branch.org_id, 'viewer', 'branch');
  end if;
  new.org_id := coalesce(new.org_id, v_branch.org_id);
  new.project_id := coalesce(new.project_id, v_branch.project_id);
  return new;
end
$$;
create or replace trigger fill_monitoring before insert on ops.monitoring
  for each row when (new.org_id is null or new.project_id is null) execute function ops.fill_monitoring();
comment on function ops.fill_monitoring() is
  'Fills project_id and org_id from the branch where they are left out. Wrong ones are refused by the foreign keys.';
revoke all on function ops.fill_monitoring() from public, anon, authenticated;

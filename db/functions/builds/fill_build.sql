create or replace function ops.fill_build() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  if new.project_id is null then
    select project_id into new.project_id from ops.branches where id = new.branch_id;
  end if;
  if new.org_id is null then
    select org_id into new.org_id from ops.projects where id = new.project_id;
    -- To a stranger, a project of another org looks like one that does not exist.
    perform registry.require_role(new.org_id, 'viewer', 'project');
  end if;
  if not registry.has_role(new.org_id, 'developer') then
    -- Refused by row level security as well, but only after the lane and the project were locked for it.
    raise sqlstate 'PT403' using message = 'this needs the role developer in the organisation';
  end if;
  -- The lane before the project, as everywhere else.
  perform ops.lock_lane(new.org_id);
  update ops.projects set next_build_number = greatest(next_build_number, coalesce(new.build_number + 1, next_build_number + 1))
    where id = new.project_id and org_id = new.org_id
    returning coalesce(new.build_number, next_build_number - 1) into new.build_number;
  if not found then
    perform registry.require_role(null, 'viewer', 'project');
  end if;
  return new;
end
$$;
comment on function ops.fill_build() is
  'Numbers a new build within its project and fills project_id and org_id from the branch and project where they are left out.';
revoke all on function ops.fill_build() from public, anon, authenticated;
create or replace trigger fill_build before insert on ops.builds for each row execute function ops.fill_build();

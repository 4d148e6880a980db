create or replace function ops.fill_org_from_project() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  if new.org_id is not null then
    return new;
  end if;
  select p.org_id into new.org_id from ops.projects p where p.id = new.project_id;
  -- To a stranger, a project of another org looks like one that does not exist.
  if new.org_id is null or not registry.has_role(new.org_id, 'viewer') then
    raise sqlstate 'PT404' using message = 'there is no such project',
      hint = 'check project_id, and that you are a member of its organisation';
  end if;
  return new;
end
$$;
create or replace trigger a_fill_org before insert on ops.branches
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on ops.environments
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on ops.project_secrets
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on metrics.test_runs
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on ops.advisories
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on ops.upgrades
  for each row execute function ops.fill_org_from_project();
-- Asked before the function is called, for a batch of samples that names its org pays for each row.
create or replace trigger a_fill_org before insert on ops.metrics
  for each row when (new.org_id is null) execute function ops.fill_org_from_project();
comment on function ops.fill_org_from_project() is
  'Fills org_id from the project where an insert leaves it out. A wrong one is refused by the composite foreign key.';
revoke all on function ops.fill_org_from_project() from public, anon, authenticated;

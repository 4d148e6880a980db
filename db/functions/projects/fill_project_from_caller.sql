create or replace function ops.fill_project_from_caller() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  new.project_id := ops.default_project(new.org_id);
  return new;
end
$$;
comment on function ops.fill_project_from_caller() is
  'Sends a record that names no project to the caller''s default one (ops.default_project). Runs before ops.fill_org_from_project, by name.';
revoke all on function ops.fill_project_from_caller() from public, anon, authenticated;
create or replace trigger a_fill_caller before insert on metrics.test_runs
  for each row when (new.project_id is null) execute function ops.fill_project_from_caller();
create or replace trigger a_fill_caller before insert on metrics.pr_events
  for each row when (new.project_id is null) execute function ops.fill_project_from_caller();
create or replace trigger a_fill_caller before insert on metrics.rule_compliance_events
  for each row when (new.project_id is null) execute function ops.fill_project_from_caller();
create or replace trigger a_fill_caller before insert on metrics.development_metrics
  for each row when (new.project_id is null) execute function ops.fill_project_from_caller();
create or replace trigger a_fill_org before insert on metrics.pr_events
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on metrics.rule_compliance_events
  for each row execute function ops.fill_org_from_project();
create or replace trigger a_fill_org before insert on metrics.development_metrics
  for each row execute function ops.fill_org_from_project();

create or replace function metrics.fill_test_run() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  select case b.stage when 'production' then 'production' when 'staging' then 'staging' else 'local' end into new.environment
    from ops.branches b where b.org_id = new.org_id and b.project_id = new.project_id and b.name = new.branch_name;
  new.environment := coalesce(new.environment, 'production');
  return new;
end
$$;
comment on function metrics.fill_test_run() is
  'The environment of a test run that names none: its branch''s stage as those of builds (development is local), production where the branch is not known.';
revoke all on function metrics.fill_test_run() from public, anon, authenticated;
create or replace trigger fill_test_run before insert on metrics.test_runs
  for each row when (new.environment is null) execute function metrics.fill_test_run();

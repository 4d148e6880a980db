create or replace function ops.fill_org_of_record() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  if new.project_id is not null then
    new.org_id := ops.org_of_project(new.project_id, 'viewer');
  else
    new.org_id := registry.default_org();
  end if;
  if new.org_id is null then
    raise sqlstate 'PT400' using
      message = format('it is not clear whose row this is for %s.%s: add org_id or project_id', tg_table_schema, tg_table_name),
      hint = 'They may be left out by a token, which has one organisation, and where there is only one.';
  end if;
  return new;
end
$$;
create or replace trigger a_fill_org before insert on ops.ingest_jobs
  for each row when (new.org_id is null) execute function ops.fill_org_of_record();
create or replace trigger a_fill_org before insert on ops.ai_action_ledger
  for each row when (new.org_id is null) execute function ops.fill_org_of_record();
comment on function ops.fill_org_of_record() is
  'Fills org_id where an insert leaves it out: from the project, else the org that is meant (registry.default_org), else PT400.';
revoke all on function ops.fill_org_of_record() from public, anon, authenticated;

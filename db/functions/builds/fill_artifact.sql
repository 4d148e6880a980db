create or replace function ops.fill_artifact() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  select org_id into new.org_id from ops.builds where id = new.build_id;
  return new;
end
$$;
comment on function ops.fill_artifact() is 'Fills org_id from the build where it is left out.';
revoke all on function ops.fill_artifact() from public, anon, authenticated;
create or replace trigger fill_artifact before insert on ops.artifacts
  for each row when (new.org_id is null) execute function ops.fill_artifact();

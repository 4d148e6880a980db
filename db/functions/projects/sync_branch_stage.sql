create or replace function ops.sync_branch_stage() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    if new.is_production and new.stage = 'development' then
      new.stage := 'production';
    end if;
  else
    new.updated_at := clock_timestamp();
    if new.is_production <> old.is_production and new.stage = old.stage then
      new.stage := case when new.is_production then 'production' else 'staging' end;
    end if;
  end if;
  new.is_production := new.stage = 'production';
  return new;
end
$$;
comment on function ops.sync_branch_stage() is
  'Keeps is_production and stage of a branch saying the same, whichever of the two was written.';
revoke all on function ops.sync_branch_stage() from public, anon, authenticated;
create or replace trigger sync_branch_stage before insert or update of stage, is_production on ops.branches
  for each row execute function ops.sync_branch_stage();

create or replace function ops.check_samples() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_bad record;
begin
  select a.* into v_bad
  from (select distinct n.org_id, n.project_id, n.branch_id from added n) a
  where not exists (select from ops.projects p where p.id = a.project_id and p.org_id = a.org_id)
     or (a.branch_id is not null
         and not exists (select from ops.branches b where b.id = a.branch_id and b.project_id = a.project_id))
  limit 1;
  if found then
    raise foreign_key_violation using
      message = format('a sample in "ops.metrics" names what is not there: organisation %s, project %s, branch %s',
        v_bad.org_id, v_bad.project_id, coalesce(v_bad.branch_id::text, 'none')),
      hint = 'The project must be the organisation''s and the branch the project''s; org_id may be left out.';
  end if;
  return null;
end
$$;
create or replace trigger check_samples_added after insert on ops.metrics
  referencing new table as added for each statement execute function ops.check_samples();
create or replace trigger check_samples_changed after update on ops.metrics
  referencing new table as added for each statement execute function ops.check_samples();
comment on function ops.check_samples() is
  'What foreign keys would ask of each sample, asked once a statement: that the org has the project, and the project the branch. A branch that is deleted later stays named.';
revoke all on function ops.check_samples() from public, anon, authenticated;

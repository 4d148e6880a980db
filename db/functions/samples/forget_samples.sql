create or replace function ops.forget_samples() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  delete from ops.metrics m where m.project_id = any (array(select g.id from gone g));
  return null;
end
$$;
create or replace trigger forget_samples after delete on ops.projects
  referencing old table as gone for each statement execute function ops.forget_samples();
comment on function ops.forget_samples() is 'A deleted project''s samples go with it, as ops.metrics has no foreign keys.';
revoke all on function ops.forget_samples() from public, anon, authenticated;

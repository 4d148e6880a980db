create or replace function ops.fill_project() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_base text;
  v_suffix integer := 1;
begin
  if new.slug is not null then
    return new;
  end if;
  v_base := registry.slugify(new.name, 'project');
  new.slug := v_base;
  perform pg_advisory_xact_lock(hashtextextended('ops.projects.slug:' || new.org_id || v_base, 0));
  while exists (select from ops.projects p where p.org_id = new.org_id and p.slug = new.slug) loop
    v_suffix := v_suffix + 1;
    new.slug := v_base || '-' || v_suffix;
  end loop;
  return new;
end
$$;
create or replace trigger fill_project before insert on ops.projects
  for each row execute function ops.fill_project();
comment on function ops.fill_project() is
  'Derives a project''s slug from its name where none is given; a number is appended where it is taken.';
revoke all on function ops.fill_project() from public, anon, authenticated;

create or replace function ops.fill_project() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_base text;
  v_taken integer := 1;
  v_free integer := 2;
begin
  if new.slug is not null then
    return new;
  end if;
  v_base := registry.slugify(new.name, 'project');
  new.slug := v_base;
  perform pg_advisory_xact_lock(hashtextextended('ops.projects.slug:' || new.org_id || v_base, 0));
  if not exists (select from ops.projects p where p.org_id = new.org_id and p.slug = v_base) then
    return new;
  end if;
  -- A free number between one that is taken and one that is not: a few probes of the index however many there are.
  while exists (select from ops.projects p where p.org_id = new.org_id and p.slug = v_base || '-' || v_free) loop
    v_taken := v_free;
    v_free := v_free * 2;
  end loop;
  while v_free - v_taken > 1 loop
    if exists (select from ops.projects p where p.org_id = new.org_id and p.slug = v_base || '-' || (v_taken + v_free) / 2) then
      v_taken := (v_taken + v_free) / 2;
    else
      v_free := (v_taken + v_free) / 2;
    end if;
  end loop;
  new.slug := v_base || '-' || v_free;
  return new;
end
$$;
create or replace trigger fill_project before insert on ops.projects
  for each row execute function ops.fill_project();
comment on function ops.fill_project() is
  'Derives a project''s slug from its name where none is given; a number is appended where it is taken.';
revoke all on function ops.fill_project() from public, anon, authenticated;

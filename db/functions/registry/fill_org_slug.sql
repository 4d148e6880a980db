create or replace function registry.fill_org_slug() returns trigger
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
  v_base := registry.slugify(new.name, 'org');
  new.slug := v_base;
  -- Two orgs of one name made at once must not both find it free.
  perform pg_advisory_xact_lock(hashtextextended('registry.orgs.slug:' || v_base, 0));
  while exists (select from registry.orgs where slug = new.slug) loop
    v_suffix := v_suffix + 1;
    new.slug := v_base || '-' || v_suffix;
  end loop;
  return new;
end
$$;
create or replace trigger fill_slug before insert on registry.orgs
  for each row execute function registry.fill_org_slug();
comment on function registry.fill_org_slug() is
  'Derives an org''s slug from its name where none is given; a number is appended where it is taken.';
revoke all on function registry.fill_org_slug() from public, anon, authenticated;

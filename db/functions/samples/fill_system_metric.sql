create or replace function ops.fill_system_metric() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  new.org_id := registry.default_org();
  return new;
end
$$;
create or replace trigger a_fill_org before insert on ops.system_metrics
  for each row when (new.org_id is null) execute function ops.fill_system_metric();
comment on function ops.fill_system_metric() is
  'Where there is one org only, what the monitor records is that org''s and its members read it; where there are more, the installation''s.';
revoke all on function ops.fill_system_metric() from public, anon, authenticated;

create or replace function ops.touch_updated_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
create or replace trigger touch_updated_at before update on ops.advisories
  for each row execute function ops.touch_updated_at();
create or replace trigger touch_updated_at before update on ops.monitoring
  for each row execute function ops.touch_updated_at();
create or replace trigger touch_updated_at before update on ops.upgrades
  for each row execute function ops.touch_updated_at();
comment on function ops.touch_updated_at() is 'Keeps updated_at true where clients update rows themselves.';
revoke all on function ops.touch_updated_at() from public, anon, authenticated;

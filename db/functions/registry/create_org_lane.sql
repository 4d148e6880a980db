create or replace function registry.create_org_lane() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  insert into ops.queue_lanes (org_id) values (new.id) on conflict do nothing;
  return null;
end
$$;
create or replace trigger create_lane after insert on registry.orgs
  for each row execute function registry.create_org_lane();
comment on function registry.create_org_lane() is 'Gives a new org its lane in the queue.';
revoke all on function registry.create_org_lane() from public, anon, authenticated;

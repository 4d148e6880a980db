-- People change advisories through functions, which note who did.
alter table ops.advisories enable row level security;
revoke all on ops.advisories from public, anon, authenticated, service_role;
grant select on ops.advisories to authenticated;
grant select, insert, update, delete on ops.advisories to service_role;
create policy members_read on ops.advisories for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

alter table ops.ingest_jobs enable row level security;
revoke all on ops.ingest_jobs from public, anon, authenticated, service_role;
grant select on ops.ingest_jobs to authenticated;
grant select, insert, update, delete on ops.ingest_jobs to service_role;
create policy members_read on ops.ingest_jobs for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));

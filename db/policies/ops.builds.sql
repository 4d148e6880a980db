-- Outside clients add a queued build by a plain insert and queue it with ops.enqueue_build.
alter table ops.builds enable row level security;
revoke all on ops.builds from public, anon, authenticated, service_role;
grant select on ops.builds to authenticated;
grant insert (id, org_id, project_id, branch_id, build_number, status, trigger, commit_sha, commit_message, commit_author, pr_number, params, created_by) on ops.builds to authenticated;
grant select, insert, update, delete on ops.builds to service_role;
create policy members_read on ops.builds for select to authenticated
  using (org_id = any (array(select ops.my_org_ids())));
create policy developers_insert on ops.builds for insert to authenticated
  with check (org_id = any (array(select registry.org_ids_with_role('developer'))) and status = 'queued' and (created_by is null or created_by = (select auth.uid())));

create or replace function ops.rebuild(p_build_id uuid) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid := ops.org_of_build(p_build_id, 'developer');
  v_old ops.builds;
  v_id uuid;
begin
  perform ops.lock_lane(v_org_id);
  select * into v_old from ops.builds where id = p_build_id;
  if v_old.status in ('queued', 'running') then
    raise sqlstate 'PT409' using message = format('build #%s is still %s', v_old.build_number, v_old.status),
      hint = 'Wait for its end or cancel it, then rebuild.';
  end if;
  perform ops.check_buildable(v_old.project_id, v_old.branch_id);
  insert into ops.builds (org_id, project_id, branch_id, trigger, commit_sha, commit_message, commit_author, pr_number, params,
      rebuild_of, created_by)
    values (v_org_id, v_old.project_id, v_old.branch_id, 'manual', v_old.commit_sha, v_old.commit_message, v_old.commit_author,
      v_old.pr_number, v_old.params, p_build_id, auth.uid())
    returning id into v_id;
  perform ops.add_run(v_id, 5);
  perform ops.audit(v_org_id, 'build.rebuilt', 'build:' || v_id, jsonb_build_object('rebuild_of', p_build_id));
  return v_id;
end
$$;
comment on function ops.rebuild(uuid) is
  'Queues a new build of the same commit with the same parameters, whatever the old one ended with; answers its id. Developer and up.';
revoke all on function ops.rebuild(uuid) from public, anon;
grant execute on function ops.rebuild(uuid) to authenticated, service_role;

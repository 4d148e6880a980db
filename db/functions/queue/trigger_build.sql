create or replace function ops.trigger_build(
  p_project_id uuid, p_branch_id uuid, p_trigger text default 'manual', p_commit_sha text default null,
  p_commit_message text default null, p_params jsonb default '{}', p_priority integer default 5,
  p_idempotency_key text default null, p_request_hash bytea default null
) returns jsonb
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
  v_scope text;
  v_hash bytea := coalesce(p_request_hash, sha256(convert_to(
    concat_ws(chr(31), p_project_id, p_branch_id, p_trigger, p_commit_sha, p_commit_message, p_params, p_priority), 'UTF8')));
  v_known record;
  v_build ops.builds;
  v_queue_id uuid;
  v_response jsonb;
begin
  select org_id into v_org_id from ops.projects where id = p_project_id;
  perform registry.require_role(v_org_id, 'developer', 'project');
  perform ops.check_build_request(p_trigger, p_commit_sha, p_params, p_priority);
  if p_idempotency_key is not null then
    -- Of two equal requests at once, the second waits here for the first to commit.
    v_scope := 'trigger_build:' || coalesce(auth.uid()::text, 'service:' || v_org_id);
    insert into ops.idempotency_keys (scope, key, request_hash, response) values (v_scope, p_idempotency_key, v_hash, '{}')
      on conflict (scope, key) do nothing;
    if not found then
      select request_hash, response into v_known from ops.idempotency_keys where scope = v_scope and key = p_idempotency_key;
      if v_known.request_hash is distinct from v_hash then
        raise sqlstate 'PT409' using message = 'this idempotency key was used with another request',
          hint = 'Send a new key with a new request, or the same request with the old key.';
      end if;
      return v_known.response;
    end if;
  end if;
  perform ops.lock_lane(v_org_id);
  perform ops.check_buildable(p_project_id, p_branch_id);
  insert into ops.builds (org_id, project_id, branch_id, trigger, commit_sha, commit_message, params, created_by)
    values (v_org_id, p_project_id, p_branch_id, p_trigger, lower(p_commit_sha), left(p_commit_message, 2000), coalesce(p_params, '{}'), auth.uid())
    returning * into v_build;
  v_queue_id := ops.add_run(v_build.id, p_priority);
  select jsonb_build_object('build_id', v_build.id, 'status', v_build.status, 'queue_id', v_queue_id,
      'queue_key', format('%s/%s#%s', p.slug, b.name, v_build.build_number),
      'created_at', v_build.created_at, 'build_number', v_build.build_number)
    into v_response
    from ops.projects p join ops.branches b on b.project_id = p.id where p.id = p_project_id and b.id = p_branch_id;
  update ops.idempotency_keys set response = v_response where scope = v_scope and key = p_idempotency_key;
  perform ops.audit(v_org_id, 'build.triggered', 'build:' || v_build.id,
    jsonb_build_object('trigger', p_trigger, 'branch_id', p_branch_id, 'build_number', v_build.build_number, 'commit_sha', v_build.commit_sha));
  return v_response;
end
$$;
comment on function ops.trigger_build(uuid, uuid, text, text, text, jsonb, integer, text, bytea) is
  'Creates and queues a build in one step; without a commit, of the branch''s newest. With an idempotency key, the same request answers the first result again and another one is PT409. Developer and up.';
revoke all on function ops.trigger_build(uuid, uuid, text, text, text, jsonb, integer, text, bytea) from public, anon;
grant execute on function ops.trigger_build(uuid, uuid, text, text, text, jsonb, integer, text, bytea) to authenticated, service_role;

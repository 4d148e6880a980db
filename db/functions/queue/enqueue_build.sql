create or replace function ops.enqueue_build(p_build_id uuid, p_priority integer default 5) returns uuid
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid := ops.org_of_build(p_build_id, 'developer');
  v_build record;
  v_queue_id uuid;
begin
  if p_priority is null or p_priority not between 1 and 10 then
    raise sqlstate 'PT400' using message = format('priority is %s: it goes from 1 (highest) to 10', coalesce(p_priority::text, 'null'));
  end if;
  perform ops.lock_lane(v_org_id);
  select b.status, b.build_number, q.id as queue_id into v_build
    from ops.builds b left join ops.run_queue q on q.build_id = b.id where b.id = p_build_id;
  if v_build.queue_id is not null and v_build.status in ('queued', 'running') then
    return v_build.queue_id;
  end if;
  if v_build.status <> 'queued' then
    raise sqlstate 'PT409' using message = format('build #%s is %s and cannot become queued', v_build.build_number, v_build.status),
      hint = 'Rebuild it: that makes a new build of the same commit.';
  end if;
  v_queue_id := ops.add_run(p_build_id, p_priority);
  perform ops.audit(v_org_id, 'build.enqueued', 'build:' || p_build_id, jsonb_build_object('priority', p_priority));
  return v_queue_id;
end
$$;
comment on function ops.enqueue_build(uuid, integer) is
  'Queues a build and answers the queue id; a build that is queued already answers the same id. Developer and up.';
revoke all on function ops.enqueue_build(uuid, integer) from public, anon;
grant execute on function ops.enqueue_build(uuid, integer) to authenticated, service_role;

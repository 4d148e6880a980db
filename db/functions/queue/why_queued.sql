create or replace function ops.why_queued(p_build_id uuid) returns jsonb
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_org_id uuid := ops.org_of_build(p_build_id, 'viewer');
  v_run record;
  v_lane record;
  v_blocking record;
  v_seconds numeric;
  v_ahead integer;
  v_lanes_ahead integer;
  v_answer jsonb;
begin
  select b.status as build_status, b.build_number, b.branch_id, b.project_id, br.name as branch_name, q.* into v_run
    from ops.builds b join ops.branches br on br.id = b.branch_id left join ops.run_queue q on q.build_id = b.id
    where b.id = p_build_id;
  select running, max_running, turn into v_lane from ops.queue_lanes where org_id = v_org_id;
  v_answer := jsonb_build_object('position', null, 'running', coalesce(v_lane.running, 0), 'limit', coalesce(v_lane.max_running, 4),
    'blocking_build_id', null, 'next_attempt_at', null, 'estimate_seconds', null);
  if v_run.build_status <> 'queued' or v_run.status is distinct from 'queued' then
    return v_answer || jsonb_build_object('reason', 'not_queued', 'message', case
      when v_run.build_status <> 'queued' then format('Build #%s is not waiting: it is %s.', v_run.build_number, v_run.build_status)
      when v_run.status is null then format('Build #%s was created but never put into the queue: enqueue it.', v_run.build_number)
      else format('Build #%s is not waiting: runner %s has claimed it and is about to start.', v_run.build_number, v_run.claimed_by) end);
  end if;
  v_ahead := ops.runs_ahead(v_run.id);
  v_seconds := ops.usual_build_seconds(v_run.branch_id);
  v_answer := v_answer || jsonb_build_object('position', v_ahead + 1,
    'estimate_seconds', round(v_seconds * ceil((v_ahead + case when v_lane.running >= v_lane.max_running then 1 else 0 end)
      / greatest(v_lane.max_running, 1)::numeric)));
  if v_run.next_attempt_at > clock_timestamp() then
    return v_answer || jsonb_build_object('reason', 'backoff', 'next_attempt_at', v_run.next_attempt_at, 'message',
      format('Attempt %s of %s ended without a result (%s). The next one may start in %s s.', v_run.attempts, v_run.max_attempts,
        v_run.error_message, ceil(extract(epoch from v_run.next_attempt_at - clock_timestamp()))));
  end if;
  select * into v_blocking from ops.blocking_run(v_run.id);
  if v_blocking.build_id is not null then
    return v_answer || jsonb_build_object('reason', 'branch_busy', 'blocking_build_id', v_blocking.build_id,
      'estimate_seconds', round(greatest(v_seconds - coalesce(v_blocking.running_seconds, 0), 0)), 'message',
      format(case when v_blocking.running_seconds is null
        then 'Build #%s of %s goes first: a branch builds one at a time, in order.'
        else 'Build #%s of %s is running: a branch builds one at a time.' end, v_blocking.build_number, v_run.branch_name));
  end if;
  if v_lane.running >= v_lane.max_running then
    return v_answer || jsonb_build_object('reason', 'org_limit', 'message',
      case when v_lane.max_running = 0 then 'The organisation''s limit is 0 builds at a time: raise it under Settings.'
      else format('The organisation runs %s of at most %s builds at a time. Builds ahead of this one: %s.', v_lane.running, v_lane.max_running, v_ahead) end);
  end if;
  if not exists (select from ops.runners r where r.removed_at is null and (r.org_id is null or r.org_id = v_org_id)
        and r.last_seen_at > clock_timestamp() - interval '90 seconds')
      and not exists (select from ops.leases l where l.org_id = v_org_id and l.expires_at > clock_timestamp()) then
    return v_answer || jsonb_build_object('reason', 'no_runner', 'estimate_seconds', null, 'message',
      'No runner has asked for work in the last 90 s: start one with `plimsoll runner`.');
  end if;
  select count(*) into v_lanes_ahead from ops.queue_lanes where turn < v_lane.turn and org_id <> v_org_id;
  return v_answer || jsonb_build_object('reason', 'waiting', 'message',
    case when v_ahead = 0 and v_lanes_ahead = 0 then 'It is next: it starts as soon as a runner is free.'
    else format('It waits for a free runner. Builds of the organisation ahead of it: %s. Other organisations whose turn is earlier: %s.', v_ahead, v_lanes_ahead) end);
end
$$;
comment on function ops.why_queued(uuid) is
  'What holds a queued build: reason (no_runner, org_limit, branch_busy, backoff, waiting, not_queued), a sentence, its position and an estimate in seconds. Viewer and up.';
revoke all on function ops.why_queued(uuid) from public, anon;
grant execute on function ops.why_queued(uuid) to authenticated, service_role;

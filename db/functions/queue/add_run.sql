create or replace function ops.add_run(p_build_id uuid, p_priority integer) returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
  v_build record;
  v_rank timestamptz;
  v_head record;
  v_ready boolean;
  v_newer integer;
begin
  select b.org_id, b.project_id, b.branch_id, b.build_number, br.stage into v_build
    from ops.builds b join ops.branches br on br.id = b.branch_id where b.id = p_build_id;
  v_rank := ops.queue_rank(v_build.stage, p_priority, clock_timestamp());
  if v_build.stage <> 'production' then
    v_newer := ops.supersede_older(v_build.branch_id, v_build.build_number);
  end if;
  v_ready := v_newer is null
    and not exists (select from ops.run_queue where branch_id = v_build.branch_id and status in ('claimed', 'running'));
  if v_ready then
    select id, rank, ready into v_head from ops.run_queue
      where branch_id = v_build.branch_id and status = 'queued' order by rank, id limit 1;
    if found then
      v_ready := (v_rank, v_id) < (v_head.rank, v_head.id);
      if v_ready and v_head.ready then
        update ops.run_queue set ready = false, updated_at = clock_timestamp() where id = v_head.id;
      end if;
    end if;
  end if;
  insert into ops.run_queue (id, org_id, project_id, branch_id, build_id, priority, rank, ready)
    values (v_id, v_build.org_id, v_build.project_id, v_build.branch_id, p_build_id, p_priority, v_rank, v_ready);
  if v_newer is not null then
    perform ops.close_run(p_build_id, 'cancelled', 'superseded', format('build #%s of the branch is newer', v_newer));
  elsif v_ready then
    perform ops.update_lane(v_build.org_id);
  end if;
  return v_id;
end
$$;
comment on function ops.add_run(uuid, integer) is
  'Queues a build that is not queued yet. On staging and development the newest build wins: older ones give way, and an older newcomer ends at once. The caller holds ops.lock_lane.';
revoke all on function ops.add_run(uuid, integer) from public, anon, authenticated;

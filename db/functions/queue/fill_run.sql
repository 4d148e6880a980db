create or replace function ops.fill_run() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_build record;
begin
  select b.org_id, b.project_id, b.branch_id, br.stage into v_build
    from ops.builds b join ops.branches br on br.id = b.branch_id where b.id = new.build_id;
  new.org_id := coalesce(new.org_id, v_build.org_id);
  new.project_id := coalesce(new.project_id, v_build.project_id);
  new.branch_id := coalesce(new.branch_id, v_build.branch_id);
  new.rank := coalesce(new.rank, ops.queue_rank(v_build.stage, new.priority, clock_timestamp()));
  if new.ready is null and v_build.org_id is not null then
    perform ops.lock_lane(new.org_id);
    new.ready := new.status = 'queued' and new.next_attempt_at is null
      and not exists (select from ops.run_queue where branch_id = new.branch_id and status in ('queued', 'claimed', 'running'));
    if new.ready then
      update ops.queue_lanes set head_rank = least(head_rank, new.rank) where org_id = new.org_id;
    end if;
  end if;
  return new;
end
$$;
comment on function ops.fill_run() is
  'For rows of ops.run_queue that outside clients write themselves: fills what they do not know.';
revoke all on function ops.fill_run() from public, anon, authenticated;
create or replace trigger fill_run before insert on ops.run_queue
  for each row when (new.org_id is null or new.rank is null or new.ready is null) execute function ops.fill_run();

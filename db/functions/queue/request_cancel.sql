create or replace function ops.request_cancel(p_build_id uuid) returns text
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid := ops.org_of_build(p_build_id, 'developer');
  v_build record;
begin
  perform ops.lock_lane(v_org_id);
  -- The lease before the build: the order in which every write of a runner takes them.
  perform from ops.leases where build_id = p_build_id for update;
  select b.status, b.build_number, l.build_id is not null as leased into v_build
    from ops.builds b left join ops.leases l on l.build_id = b.id where b.id = p_build_id;
  if v_build.status = 'cancelled' then
    return 'cancelled';
  elsif v_build.status in ('success', 'failed') then
    raise sqlstate 'PT409' using message = format('build #%s is %s and cannot become cancelled', v_build.build_number, v_build.status);
  end if;
  perform ops.audit(v_org_id, 'build.cancel_requested', 'build:' || p_build_id, jsonb_build_object('status', v_build.status));
  if v_build.leased then
    update ops.leases set cancel_requested_at = clock_timestamp(), cancel_reason = 'cancelled'
      where build_id = p_build_id and cancel_requested_at is null;
    return 'cancelling';
  end if;
  perform ops.close_run(p_build_id, 'cancelled', 'cancelled', 'cancelled before it ran');
  return 'cancelled';
end
$$;
comment on function ops.request_cancel(uuid) is
  'Cancels a queued build at once (answers cancelled) or asks the runner of a running one to stop (answers cancelling). Repeating it is harmless. Developer and up.';
revoke all on function ops.request_cancel(uuid) from public, anon;
grant execute on function ops.request_cancel(uuid) to authenticated, service_role;

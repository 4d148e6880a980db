create or replace function ops.set_build_status(
  p_build_id uuid, p_status text, p_error_message text default null, p_token bigint default null
) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid := ops.org_of_build(p_build_id, 'developer');
  v_lease ops.leases;
  v_from text;
begin
  perform ops.lock_lane(v_org_id);
  v_lease := ops.lease_for_write(p_build_id, p_token);
  select status into v_from from ops.builds where id = p_build_id for no key update;
  if not (v_from = 'queued' and p_status in ('running', 'cancelled')
      or v_from = 'running' and p_status in ('success', 'failed', 'cancelled')) or p_status is null then
    raise sqlstate 'PT409' using message = format('the build is %s and cannot become %s', v_from, coalesce(p_status, 'null')),
      hint = 'Statuses move from queued to running to success, failed or cancelled, and from queued to cancelled.';
  end if;
  if p_status = 'running' then
    perform ops.start_build(p_build_id, v_lease.build_id is not null);
  else
    perform ops.close_run(p_build_id, p_status,
      case p_status when 'failed' then 'step_failed' when 'cancelled' then coalesce(v_lease.cancel_reason, 'cancelled') end,
      p_error_message);
  end if;
end
$$;
comment on function ops.set_build_status(uuid, text, text, bigint) is
  'Moves a build from queued to running to its end. Needs the lease''s fencing token while a lease is live, except for a runner of claim_next_run that never sent one.';
revoke all on function ops.set_build_status(uuid, text, text, bigint) from public, anon, authenticated;
grant execute on function ops.set_build_status(uuid, text, text, bigint) to service_role;

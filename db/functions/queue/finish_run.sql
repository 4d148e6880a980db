create or replace function ops.finish_run(
  p_build_id uuid, p_token bigint, p_status text, p_reason text default null, p_message text default null, p_next_line bigint default null
) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_org_id uuid;
  v_lease ops.leases;
  v_status text;
begin
  if p_status is null or p_status not in ('success', 'failed', 'cancelled') then
    raise sqlstate 'PT400' using message = format('a run finishes as success, failed or cancelled, not %s', coalesce(p_status, 'null'));
  end if;
  select org_id into v_org_id from ops.leases where build_id = p_build_id and token = p_token;
  if v_org_id is not null then
    perform ops.lock_lane(v_org_id);
  elsif exists (
    select from ops.build_attempts a join ops.builds b on b.id = a.build_id
      where a.build_id = p_build_id and a.token = p_token and a.outcome = 'finished' and b.status = p_status
  ) then
    -- The answer to the first call was lost on its way; the runner asks again.
    return;
  end if;
  v_lease := ops.hold_lease(p_build_id, p_token);
  if p_next_line is not null and p_next_line <> v_lease.next_line then
    raise sqlstate 'PT409' using message = format('the log ends before line %s, the runner says %s', v_lease.next_line, p_next_line),
      detail = format('line_gap:%s', v_lease.next_line), hint = 'Append the missing lines, then finish.';
  end if;
  select status into v_status from ops.builds where id = p_build_id;
  if v_status <> 'running' and not (v_status = 'queued' and p_status = 'cancelled') then
    raise sqlstate 'PT409' using message = format('the build is %s and cannot become %s', v_status, p_status),
      hint = 'Set it running first.';
  end if;
  perform ops.close_run(p_build_id, p_status,
    case p_status when 'failed' then coalesce(p_reason, 'step_failed')
      when 'cancelled' then coalesce(v_lease.cancel_reason, p_reason, 'cancelled') end,
    p_message);
end
$$;
comment on function ops.finish_run(uuid, bigint, text, text, text, bigint) is
  'Ends a run as success, failed or cancelled. p_next_line is one past the last line appended; lines missing before it are refused with line_gap. Repeating a finish is harmless.';
revoke all on function ops.finish_run(uuid, bigint, text, text, text, bigint) from public, anon, authenticated;
grant execute on function ops.finish_run(uuid, bigint, text, text, text, bigint) to service_role;

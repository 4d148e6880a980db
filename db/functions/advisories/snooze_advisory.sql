create or replace function ops.snooze_advisory(p_advisory_id uuid, p_until timestamptz) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_advisory ops.advisories := ops.hold_advisory(p_advisory_id, 'snoozed');
begin
  if p_until is null or p_until <= now() then
    raise sqlstate 'PT400' using message = format('p_until is %s: it must be a time in the future', coalesce(p_until::text, 'null'));
  elsif p_until >= timestamptz '9999-01-01 00:00:00+00' then
    raise sqlstate 'PT400' using message = format('p_until is %s: that is not a time to come back at', p_until),
      hint = 'Dismiss the advisory to hide it for good.';
  end if;
  update ops.advisories a set status = 'snoozed', snoozed_until = p_until where a.id = p_advisory_id;
  perform ops.audit(v_advisory.org_id, 'advisory.snoozed', 'advisory:' || p_advisory_id,
    jsonb_build_object('project_id', v_advisory.project_id, 'key', v_advisory.key, 'title', v_advisory.title, 'until', p_until));
end
$$;
comment on function ops.snooze_advisory(uuid, timestamptz) is
  'Hides an advisory until p_until, when it is open again. PT409 for one that is resolved or dismissed. Developer and up.';
revoke all on function ops.snooze_advisory(uuid, timestamptz) from public, anon;
grant execute on function ops.snooze_advisory(uuid, timestamptz) to authenticated, service_role;

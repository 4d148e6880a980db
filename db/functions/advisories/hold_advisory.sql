create or replace function ops.hold_advisory(p_advisory_id uuid, p_to text) returns ops.advisories
  language plpgsql
  set search_path = ''
as $$
declare
  v_advisory ops.advisories;
begin
  select a.* into v_advisory from ops.advisories a where a.id = p_advisory_id for no key update;
  perform registry.require_role(v_advisory.org_id, 'developer', 'advisory');
  v_advisory.status := ops.advisory_status(v_advisory.status, v_advisory.snoozed_until);
  if v_advisory.status in ('resolved', 'dismissed') and v_advisory.status <> p_to then
    raise sqlstate 'PT409' using message = format('the advisory is %s and cannot become %s', v_advisory.status, p_to),
      hint = 'Only an open or snoozed advisory can be resolved, snoozed or dismissed.';
  end if;
  return v_advisory;
end
$$;
comment on function ops.hold_advisory(uuid, text) is
  'Locks an advisory that is about to become p_to and answers it with its present status. PT409 where it is closed in another way. Developer and up.';
revoke all on function ops.hold_advisory(uuid, text) from public, anon, authenticated;

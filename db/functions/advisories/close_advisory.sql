create or replace function ops.close_advisory(p_advisory_id uuid, p_status text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_advisory ops.advisories := ops.hold_advisory(p_advisory_id, p_status);
begin
  if v_advisory.status = p_status then
    return;
  end if;
  update ops.advisories a set status = p_status, resolved_at = now(), resolved_by = auth.uid(), snoozed_until = null
    where a.id = p_advisory_id;
  perform ops.audit(v_advisory.org_id, 'advisory.' || p_status, 'advisory:' || p_advisory_id,
    jsonb_build_object('project_id', v_advisory.project_id, 'key', v_advisory.key, 'title', v_advisory.title, 'from', v_advisory.status));
end
$$;
comment on function ops.close_advisory(uuid, text) is
  'Resolves or dismisses an advisory and notes who did. Once is enough: a repeat changes nothing, and the first one''s time and name stay.';
revoke all on function ops.close_advisory(uuid, text) from public, anon, authenticated;

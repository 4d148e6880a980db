create or replace function ops.dismiss_advisory(p_advisory_id uuid) returns void
  language sql security definer
  set search_path = ''
as $$
  select ops.close_advisory(p_advisory_id, 'dismissed');
$$;
comment on function ops.dismiss_advisory(uuid) is
  'Notes that an advisory is not to be followed; scans leave it so for good. A repeat is harmless, a resolved one is PT409. Developer and up.';
revoke all on function ops.dismiss_advisory(uuid) from public, anon;
grant execute on function ops.dismiss_advisory(uuid) to authenticated, service_role;

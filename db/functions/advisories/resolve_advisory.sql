create or replace function ops.resolve_advisory(p_advisory_id uuid) returns void
  language sql security definer
  set search_path = ''
as $$
  select ops.close_advisory(p_advisory_id, 'resolved');
$$;
comment on function ops.resolve_advisory(uuid) is
  'Notes that what an advisory recommends was done; a repeat is harmless, a dismissed one is PT409. Scans open it again when its cause went away and came back. Developer and up.';
revoke all on function ops.resolve_advisory(uuid) from public, anon;
grant execute on function ops.resolve_advisory(uuid) to authenticated, service_role;

create or replace function ops.record_sync_error(p_project_id uuid, p_error text) returns void
  language sql security definer
  set search_path = ''
as $$
  update ops.projects p
  set sync_error = left(p_error, 2000), sync_started_at = null,
      sync_requested_at = case when p.sync_requested_at > p.sync_started_at then p.sync_requested_at
                               else clock_timestamp() + interval '5 minutes' end
  where p.id = p_project_id;
$$;
comment on function ops.record_sync_error(uuid, text) is
  'Notes why a project''s repository could not be read; it is tried again in five minutes, or when somebody asks.';
revoke all on function ops.record_sync_error(uuid, text) from public, anon, authenticated;
grant execute on function ops.record_sync_error(uuid, text) to service_role;

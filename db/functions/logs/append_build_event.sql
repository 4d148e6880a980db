create or replace function ops.append_build_event(
  p_build_id uuid, p_phase text, p_level text, p_message text, p_meta jsonb default '{}', p_token bigint default null
) returns bigint
  language sql security definer
  set search_path = ''
as $$
  select ops.write_event(p_build_id, p_phase, p_level, p_message, p_meta, p_token, null)
$$;
comment on function ops.append_build_event(uuid, text, text, text, jsonb, bigint) is
  'Appends one line to a build''s log and answers its id. Needs the lease''s fencing token while a lease is live, except for a runner of claim_next_run that never sent one.';
revoke all on function ops.append_build_event(uuid, text, text, text, jsonb, bigint) from public, anon, authenticated;
grant execute on function ops.append_build_event(uuid, text, text, text, jsonb, bigint) to service_role;

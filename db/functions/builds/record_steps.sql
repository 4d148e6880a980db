create or replace function ops.record_steps(p_build_id uuid, p_token bigint, p_steps jsonb) returns void
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_lease ops.leases := ops.hold_lease(p_build_id, p_token);
begin
  if jsonb_typeof(p_steps) is distinct from 'array' or jsonb_array_length(p_steps) > 1000 then
    raise sqlstate 'PT400' using message = 'steps must be an array of at most 1000';
  end if;
  insert into ops.build_steps (build_id, attempt, position, org_id, name, phase, command, status, started_at, finished_at, exit_code, first_line)
    select p_build_id, v_lease.attempt, s.n, v_lease.org_id, left(s.name, 500), s.phase, left(s.command, 16384), s.status,
      s.started_at, s.finished_at, s.exit_code, s.first_line
    from rows from (jsonb_to_recordset(p_steps) as (name text, phase text, command text, status text, started_at timestamptz,
      finished_at timestamptz, exit_code integer, first_line bigint)) with ordinality
      as s (name, phase, command, status, started_at, finished_at, exit_code, first_line, n)
    on conflict (build_id, attempt, position) do update set
      name = excluded.name, phase = excluded.phase, command = excluded.command, status = excluded.status,
      started_at = excluded.started_at, finished_at = excluded.finished_at, exit_code = excluded.exit_code, first_line = excluded.first_line;
  delete from ops.build_steps
    where build_id = p_build_id and attempt = v_lease.attempt and position > jsonb_array_length(p_steps);
end
$$;
comment on function ops.record_steps(uuid, bigint, jsonb) is 'All steps of the attempt as they stand, in order: replaces what was sent before.';
revoke all on function ops.record_steps(uuid, bigint, jsonb) from public, anon, authenticated;
grant execute on function ops.record_steps(uuid, bigint, jsonb) to service_role;

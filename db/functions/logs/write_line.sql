create or replace function ops.write_line(
  p_build_id uuid, p_phase text, p_level text, p_message text, p_meta jsonb default '{}', p_at timestamptz default null
) returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_kind smallint := ops.log_kind(p_phase, p_level);
  v_body text := coalesce(p_message, '');
  v_build record;
  v_line bigint;
begin
  if position(e'\n' in v_body) > 0 then
    v_body := replace(replace(v_body, '\', '\\'), e'\n', '\x0A');
    v_kind := v_kind | 128::smallint;
  end if;
  update ops.leases set next_line = next_line + 1, log_bytes = log_bytes + octet_length(v_body),
      first_error_line = case when p_level = 'error' then coalesce(first_error_line, next_line) else first_error_line end
    where build_id = p_build_id returning next_line - 1 into v_line;
  if v_line is null then
    update ops.builds set log_lines = log_lines + 1,
        first_error_line = case when p_level = 'error' then coalesce(first_error_line, log_lines + 1) else first_error_line end
      where id = p_build_id returning log_lines into v_line;
  end if;
  select org_id, log_bucket, seq into v_build from ops.builds where id = p_build_id;
  insert into ops.log_chunks (bucket, build_id, first_line, line_count, org_id, base_at, dt_ms, kind, body)
    values (v_build.log_bucket, p_build_id, v_line, 1, v_build.org_id, coalesce(p_at, clock_timestamp()), '{0}', array[v_kind], v_body);
  if p_meta <> '{}' then
    insert into ops.log_extra_events (build_id, line, org_id, meta) values (p_build_id, v_line, v_build.org_id, p_meta);
  end if;
  if p_level = 'error' then
    insert into ops.log_marks (build_id, line, kind, org_id, label)
      values (p_build_id, v_line, 'error', v_build.org_id, left(p_message, 500)) on conflict do nothing;
  end if;
  return v_build.seq * 268435456 + v_line;
end
$$;
comment on function ops.write_line(uuid, text, text, text, jsonb, timestamptz) is
  'Appends one line to a build''s log and answers its id. The caller has checked that it may, and holds the lease, or, where there is none, the build.';
revoke all on function ops.write_line(uuid, text, text, text, jsonb, timestamptz) from public, anon, authenticated;

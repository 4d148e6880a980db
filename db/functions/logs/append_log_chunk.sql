create or replace function ops.append_log_chunk(
  p_build_id uuid, p_token bigint, p_first_line bigint, p_base_ms bigint, p_dt_ms integer[], p_kind smallint[], p_body text,
  p_marks jsonb default null, p_max_log_bytes bigint default null
) returns bigint
  language plpgsql security definer
  set search_path = ''
as $$
declare
  v_count integer := cardinality(p_kind);
  v_has_marks boolean := p_marks is not null and p_marks <> '[]';
  v_lease record;
begin
  update ops.leases set
      next_line = next_line + v_count,
      log_bytes = log_bytes + octet_length(p_body),
      token_seen = true,
      first_error_line = case when v_has_marks and first_error_line is null
        then (select min((m ->> 'line')::bigint) from jsonb_array_elements(p_marks) m where m ->> 'kind' = 'error')
        else first_error_line end
    where build_id = p_build_id and token = p_token and expires_at > clock_timestamp() and next_line = p_first_line
      and (p_max_log_bytes is null or log_bytes + octet_length(p_body) <= p_max_log_bytes)
    returning org_id, log_bucket into v_lease;
  if not found then
    return ops.refuse_log_chunk(p_build_id, p_token, p_first_line, v_count, p_max_log_bytes);
  end if;
  insert into ops.log_chunks (bucket, build_id, first_line, line_count, org_id, base_at, dt_ms, kind, body)
    values (v_lease.log_bucket, p_build_id, p_first_line, v_count, v_lease.org_id,
      'epoch'::timestamptz + p_base_ms * interval '1 millisecond', p_dt_ms, p_kind, p_body);
  if v_has_marks then
    insert into ops.log_marks (build_id, line, kind, org_id, label)
      select p_build_id, m.line, m.kind, v_lease.org_id, left(coalesce(m.label, ''), 500)
        from jsonb_to_recordset(p_marks) as m (line bigint, kind text, label text)
      on conflict do nothing;
  end if;
  return p_first_line + v_count;
end
$$;
comment on function ops.append_log_chunk(uuid, bigint, bigint, bigint, integer[], smallint[], text, jsonb, bigint) is
  'Stores lines p_first_line and following, and answers the number of the next. Lines stored already are acknowledged without effect. PT409 with detail stale_token, line_gap:N (go on from line N) or log_limit:N (bytes).';
revoke all on function ops.append_log_chunk(uuid, bigint, bigint, bigint, integer[], smallint[], text, jsonb, bigint) from public, anon, authenticated;
grant execute on function ops.append_log_chunk(uuid, bigint, bigint, bigint, integer[], smallint[], text, jsonb, bigint) to service_role;

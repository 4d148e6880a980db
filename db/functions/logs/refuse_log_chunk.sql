create or replace function ops.refuse_log_chunk(
  p_build_id uuid, p_token bigint, p_first_line bigint, p_count integer, p_max_log_bytes bigint
) returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_lease ops.leases := ops.hold_lease(p_build_id, p_token);
begin
  if p_first_line + p_count <= v_lease.next_line then
    return v_lease.next_line;
  elsif p_first_line <> v_lease.next_line then
    raise sqlstate 'PT409' using message = format('the next line is %s, the chunk starts at %s', v_lease.next_line, p_first_line),
      detail = format('line_gap:%s', v_lease.next_line), hint = 'Send on from the next line.';
  end if;
  raise sqlstate 'PT409' using message = format('the build''s log is over its limit of %s bytes', p_max_log_bytes),
    detail = format('log_limit:%s', p_max_log_bytes), hint = 'Write less, or raise the limit in the server''s settings.';
end
$$;
comment on function ops.refuse_log_chunk(uuid, bigint, bigint, integer, bigint) is
  'Says why a chunk was not stored, or acknowledges it where its lines are stored already.';
revoke all on function ops.refuse_log_chunk(uuid, bigint, bigint, integer, bigint) from public, anon, authenticated;

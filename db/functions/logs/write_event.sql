create or replace function ops.write_event(
  p_build_id uuid, p_phase text, p_level text, p_message text, p_meta jsonb, p_token bigint, p_at timestamptz
) returns bigint
  language plpgsql
  set search_path = ''
as $$
begin
  perform ops.org_of_build(p_build_id, 'developer');
  if p_message is null then
    raise sqlstate 'PT400' using message = 'message must not be null';
  elsif octet_length(p_message) > 1048576 then
    raise sqlstate 'PT400' using message = format('message has %s bytes: at most 1048576', octet_length(p_message));
  end if;
  if (ops.lease_for_write(p_build_id, p_token)).build_id is null then
    -- Without a lease the build's row numbers the lines. Once it is locked nobody can claim the build; somebody may have before.
    perform from ops.builds where id = p_build_id for no key update;
    perform from ops.leases where build_id = p_build_id;
    if found then
      perform ops.lease_for_write(p_build_id, p_token);
    end if;
  end if;
  return ops.write_line(p_build_id, p_phase, p_level, p_message, coalesce(p_meta, '{}'), p_at);
end
$$;
comment on function ops.write_event(uuid, text, text, text, jsonb, bigint, timestamptz) is
  'Checks that a line may be written with this token, or without one, and writes it.';
revoke all on function ops.write_event(uuid, text, text, text, jsonb, bigint, timestamptz) from public, anon, authenticated;

create or replace function ops.log_chunks_from(p_build_id uuid, p_from bigint default 1, p_limit_chunks integer default 100)
  returns table (first_line bigint, base_at timestamptz, dt_ms integer[], kind smallint[], body text)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_bucket date;
  v_first bigint;
begin
  perform ops.org_of_build(p_build_id, 'viewer');
  select b.log_bucket into v_bucket from ops.builds b where b.id = p_build_id;
  select c.first_line into v_first from ops.log_chunks c
    where c.bucket = v_bucket and c.build_id = p_build_id and c.first_line <= p_from order by c.first_line desc limit 1;
  return query
    select c.first_line, c.base_at, c.dt_ms, c.kind, c.body from ops.log_chunks c
      where c.bucket = v_bucket and c.build_id = p_build_id and c.first_line >= coalesce(v_first, 1)
        and c.first_line + c.line_count > p_from
      order by c.first_line limit least(greatest(p_limit_chunks, 1), 1000);
end
$$;
comment on function ops.log_chunks_from(uuid, bigint, integer) is
  'Stored chunks from the one that holds line p_from on, in order; its first lines may be before p_from. Viewer and up.';
revoke all on function ops.log_chunks_from(uuid, bigint, integer) from public, anon;
grant execute on function ops.log_chunks_from(uuid, bigint, integer) to authenticated, service_role;

create or replace function ops.build_logs(p_build_id uuid, p_limit integer default 1000, p_offset integer default 0)
  returns table (id bigint, build_id uuid, ts timestamptz, phase text, level text, message text, meta jsonb)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_build record;
  v_last bigint;
begin
  perform ops.org_of_build(p_build_id, 'viewer');
  if p_limit < 0 or p_offset < 0 then
    raise sqlstate 'PT400' using message = 'p_limit and p_offset must not be negative';
  end if;
  select b.seq, b.log_bucket into v_build from ops.builds b where b.id = p_build_id;
  select c.first_line + c.line_count - 1 - coalesce(p_offset, 0) into v_last from ops.log_chunks c
    where c.bucket = v_build.log_bucket and c.build_id = p_build_id order by c.first_line desc limit 1;
  -- Lines are numbered without gaps, so the page is a range of numbers: no row before it is read.
  return query
    select v_build.seq * 268435456 + l.line, p_build_id, l.ts, l.phase, l.level,
      case when l.flags & 128 = 0 then l.message else ops.unescape_line(l.message) end, coalesce(e.meta, '{}')
    from ops.log_lines(p_build_id, greatest(v_last - least(p_limit, 100000) + 1, 1), least(p_limit, 100000)) l
      left join ops.log_extra_events e on e.build_id = p_build_id and e.line = l.line
    where l.line <= v_last
    order by l.line desc;
end
$$;
comment on function ops.build_logs(uuid, integer, integer) is
  'A page of a build''s log, newest line first; at most 100,000 lines. Viewer and up.';
revoke all on function ops.build_logs(uuid, integer, integer) from public, anon;
grant execute on function ops.build_logs(uuid, integer, integer) to authenticated, service_role;

create or replace function ops.log_search(p_build_id uuid, p_query text, p_limit integer default 200)
  returns table (line bigint, ts timestamptz, level text, message text)
  language plpgsql stable security definer
  set search_path = ''
as $$
declare
  v_bucket date;
  v_query text := lower(p_query);
begin
  perform ops.org_of_build(p_build_id, 'viewer');
  if coalesce(p_query, '') = '' or length(p_query) > 500 then
    raise sqlstate 'PT400' using message = 'search for 1 to 500 characters';
  end if;
  select b.log_bucket into v_bucket from ops.builds b where b.id = p_build_id;
  -- Whole chunks are tried first; only those that may hold a match are cut into lines. Colour codes may stand between
  -- the letters of a word, so they are taken out before looking.
  return query
    select c.first_line + l.n - 1, c.base_at + c.dt_ms[l.n] * interval '1 millisecond',
      (array['debug', 'info', 'warn', 'error'])[(c.kind[l.n] >> 3 & 3) + 1], l.line
    from ops.log_chunks c
      cross join lateral (select case when position(e'\x1b' in c.body) = 0 then c.body
        else regexp_replace(c.body, e'\x1b\\[[0-9;]*m', '', 'g') end as body) plain
      cross join lateral unnest(string_to_array(plain.body, e'\n')) with ordinality as l (line, n)
    where c.bucket = v_bucket and c.build_id = p_build_id
      and position(v_query in lower(plain.body)) > 0 and position(v_query in lower(l.line)) > 0
    order by c.first_line, l.n
    limit least(greatest(p_limit, 1), 10000);
end
$$;
comment on function ops.log_search(uuid, text, integer) is
  'Lines that hold the text, in any case, in order, without their colour codes. Viewer and up.';
revoke all on function ops.log_search(uuid, text, integer) from public, anon;
grant execute on function ops.log_search(uuid, text, integer) to authenticated, service_role;

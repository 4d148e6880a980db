create or replace function ops.log_lines(p_build_id uuid, p_from bigint default 1, p_limit integer default 1000)
  returns table (line bigint, ts timestamptz, phase text, level text, flags smallint, message text)
  language sql stable security definer
  set search_path = ''
as $$
  select c.first_line + l.n - 1, c.base_at + l.dt_ms * interval '1 millisecond',
    (array['checkout', 'build', 'test', 'package', 'deploy', 'promote', 'system'])[(l.kind & 7) + 1],
    (array['debug', 'info', 'warn', 'error'])[(l.kind >> 3 & 3) + 1],
    (l.kind & 224)::smallint, coalesce(l.line, '')
  from ops.log_chunks_from(p_build_id, p_from, least(greatest(p_limit, 1), 100000)) c
    cross join lateral unnest(string_to_array(c.body, e'\n'), c.dt_ms, c.kind) with ordinality as l (line, dt_ms, kind, n)
  where c.first_line + l.n - 1 >= p_from
  order by 1
  limit least(greatest(p_limit, 0), 100000)
$$;
comment on function ops.log_lines(uuid, bigint, integer) is
  'Log lines from p_from on, ascending, as stored. flags: 32 stderr, 64 goes on in the next line, 128 escaped. Viewer and up.';
revoke all on function ops.log_lines(uuid, bigint, integer) from public, anon;
grant execute on function ops.log_lines(uuid, bigint, integer) to authenticated, service_role;

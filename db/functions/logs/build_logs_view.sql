create or replace view ops.build_logs with (security_invoker = true) as
select
  b.seq * 268435456 + c.first_line + l.n - 1 as id,
  c.build_id,
  c.first_line + l.n - 1 as line,
  c.base_at + l.dt_ms * interval '1 millisecond' as ts,
  (array['checkout', 'build', 'test', 'package', 'deploy', 'promote', 'system'])[(l.kind & 7) + 1] as phase,
  (array['debug', 'info', 'warn', 'error'])[(l.kind >> 3 & 3) + 1] as level,
  case when l.kind & 32 = 0 then 'stdout' else 'stderr' end as stream,
  case when l.kind & 128 = 0 then coalesce(l.line, '') else ops.unescape_line(l.line) end as message,
  c.org_id
from ops.builds b
  join ops.log_chunks c on c.bucket = b.log_bucket and c.build_id = b.id
  cross join lateral unnest(string_to_array(c.body, e'\n'), c.dt_ms, c.kind) with ordinality as l (line, dt_ms, kind, n);
comment on view ops.build_logs is 'One row a log line with its number and stream; the same lines as ops.build_events.';
revoke all on ops.build_logs from public, anon, authenticated;
grant select on ops.build_logs to authenticated, service_role;

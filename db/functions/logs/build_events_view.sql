create or replace view ops.build_events with (security_invoker = true) as
select
  b.seq * 268435456 + c.first_line + l.n - 1 as id,
  c.build_id,
  c.base_at + l.dt_ms * interval '1 millisecond' as ts,
  (array['checkout', 'build', 'test', 'package', 'deploy', 'promote', 'system'])[(l.kind & 7) + 1] as phase,
  (array['debug', 'info', 'warn', 'error'])[(l.kind >> 3 & 3) + 1] as level,
  case when l.kind & 128 = 0 then coalesce(l.line, '') else ops.unescape_line(l.line) end as message,
  coalesce(e.meta, '{}') as meta,
  c.org_id
from ops.builds b
  join ops.log_chunks c on c.bucket = b.log_bucket and c.build_id = b.id
  cross join lateral unnest(string_to_array(c.body, e'\n'), c.dt_ms, c.kind) with ordinality as l (line, dt_ms, kind, n)
  left join ops.log_extra_events e on e.build_id = c.build_id and e.line = c.first_line + l.n - 1;
comment on view ops.build_events is
  'One row a log line, from ops.log_chunks. An insert appends a line (ops.append_build_event); lines are never changed or deleted.';
revoke all on ops.build_events from public, anon, authenticated;
grant select on ops.build_events to authenticated, service_role;
grant insert on ops.build_events to service_role;

create or replace function ops.insert_build_event() returns trigger
  language plpgsql security definer
  set search_path = ''
as $$
begin
  new.ts := coalesce(new.ts, clock_timestamp());
  new.phase := coalesce(new.phase, 'system');
  new.level := coalesce(new.level, 'info');
  new.meta := coalesce(new.meta, '{}');
  new.id := ops.write_event(new.build_id, new.phase, new.level, new.message, new.meta, null, new.ts);
  select org_id into new.org_id from ops.builds where id = new.build_id;
  return new;
end
$$;
comment on function ops.insert_build_event() is 'Lets outside clients append log lines by inserting into ops.build_events.';
revoke all on function ops.insert_build_event() from public, anon, authenticated;
create or replace trigger insert_build_event instead of insert on ops.build_events
  for each row execute function ops.insert_build_event();

insert into ops.log_chunks (bucket, build_id, first_line, line_count, org_id, base_at, dt_ms, kind, body)
select b.log_bucket, b.id, 1, 2, b.org_id, b.started_at, '{0,5}', '{9,57}', E'compiling\nwarning: \x1b[33mcareful\x1b[0m'
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.status <> 'queued';

insert into ops.log_marks (build_id, line, kind, org_id, label)
select b.id, 2, 'error', b.org_id, 'careful'
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.build_number = 1;

insert into ops.log_extra_events (build_id, line, org_id, meta)
select b.id, 2, b.org_id, '{"file": "main.c"}'
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.build_number = 1;

-- Build 1 succeeded, 2 runs, 3 is queued.
insert into ops.builds (id, org_id, project_id, branch_id, build_number, status, commit_sha, started_at, finished_at, duration_seconds, log_bucket)
select (org || n || '000000-3333-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid,
       (org || '0000000-1111-4000-8000-000000000000')::uuid, (org || '1000000-2222-4000-8000-000000000000')::uuid,
       n::integer, status, repeat(n, 40),
       case when status <> 'queued' then now() - interval '10 minutes' end,
       case when status = 'success' then now() - interval '9 minutes' end,
       case when status = 'success' then 60 end, '2026-11-16'
from (values ('a'), ('b')) o(org), (values ('1', 'success'), ('2', 'running'), ('3', 'queued')) b(n, status);

insert into ops.run_queue (org_id, project_id, branch_id, build_id, status, rank, ready, claimed_by, claimed_at, fence, attempts)
select b.org_id, b.project_id, b.branch_id, b.id,
       case b.status when 'success' then 'done' else b.status end, b.created_at, false,
       case when b.status <> 'queued' then 'sample' end, b.started_at, case when b.status <> 'queued' then b.build_number end,
       (b.status <> 'queued')::integer
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000');

insert into ops.leases (build_id, queue_id, org_id, project_id, branch_id, attempt, runner_id, token, log_bucket,
                        claimed_at, renewed_at, expires_at, next_line)
select q.build_id, q.id, q.org_id, q.project_id, q.branch_id, 1, 'sample', q.fence, '2026-11-16',
       q.claimed_at, now(), now() + interval '30 seconds', 3
from ops.run_queue q
where q.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and q.status = 'running';

insert into ops.queue_lanes (org_id, running)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 1
from (values ('a'), ('b')) o(org)
on conflict (org_id) do update set running = excluded.running;

insert into ops.build_attempts (build_id, attempt, org_id, runner_id, token, claimed_at, ended_at, outcome)
select b.id, 1, b.org_id, 'sample', 1, b.started_at, b.finished_at, 'finished'
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.build_number = 1;

insert into ops.build_steps (build_id, attempt, position, org_id, name, phase, command, status, exit_code, first_line)
select b.id, 1, 1, b.org_id, 'test', 'test', 'make test', 'success', 0, 1
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.build_number = 1;

insert into ops.fenced_writes (org_id, build_id, token, live_token, operation, runner_id)
select b.org_id, b.id, 1, 2, 'append', 'sample'
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.build_number = 2;

insert into ops.artifacts (org_id, build_id, type, name, storage_path, size_bytes, sha256)
select b.org_id, b.id, 'report', 'junit.xml', b.id || '/junit.xml', 10, repeat('a', 64)
from ops.builds b where b.org_id in ('a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000000') and b.build_number = 1;

insert into ops.runners (org_id, name, token_hash, version, os, arch, host)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'sample', sha256(convert_to('runner ' || org, 'UTF8')), '0.1.0', 'linux', 'x86_64', 'host'
from (values ('a'), ('b')) o(org);
insert into ops.runners (name, token_hash, version, os, arch, host)
values ('shared', sha256('runner shared'), '0.1.0', 'linux', 'x86_64', 'host');

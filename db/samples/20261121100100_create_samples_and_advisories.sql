insert into ops.metrics (org_id, project_id, branch_id, ts, metric, value, dims)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid,
       (org || '1000000-2222-4000-8000-000000000000')::uuid, now() - n * interval '1 minute', 'cpu_pct', 40 + n, '{"host": "web-1"}'
from (values ('a'), ('b')) o(org), generate_series(1, 3) n;

insert into ops.system_metrics (org_id, metric_name, value, unit, status, labels)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, 'queue_depth', 12, 'jobs', 'ok', '{"queue": "ingest"}'
from (values ('a'), ('b')) o(org);
-- The whole installation's.
insert into ops.system_metrics (org_id, metric_name, value, unit, status)
values (null, 'connections_used_pct', 71, '%', 'warning');

insert into ops.monitoring (org_id, project_id, branch_id, status, cpu_usage_pct, memory_usage_mb, request_rate, error_rate, last_health_check, alerts)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid,
       (org || '1000000-2222-4000-8000-000000000000')::uuid, 'healthy', 41.5, 512, 12.25, 0, now(), '[]'
from (values ('a'), ('b')) o(org);

insert into ops.advisories (id, org_id, project_id, key, severity, category, title, recommendation, evidence, fix_sql, status, resolved_at, snoozed_until)
select (org || n || '000000-5555-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid,
       (org || '0000000-1111-4000-8000-000000000000')::uuid, 'sample_' || n, severity, 'performance', 'Sample ' || n, 'Add an index.',
       '{"table": "orders"}', 'create index on orders (customer_id)', status,
       case status when 'resolved' then now() end, case status when 'snoozed' then now() + interval '1 day' end
from (values ('a'), ('b')) o(org),
     (values (1, 'info', 'open'), (2, 'critical', 'open'), (3, 'warning', 'snoozed'), (4, 'warning', 'resolved'), (5, 'warning', 'dismissed')) s(n, severity, status);

insert into ops.upgrades (org_id, project_id, from_version, to_version, status, rollback_plan, created_by)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid,
       '18.0', '19.0', 'planned', '{"steps": ["restore the backup"]}', (org || '2000000-0000-4000-8000-000000000000')::uuid
from (values ('a'), ('b')) o(org);

insert into ops.ingest_jobs (org_id, project_id, status, kind, payload, attempts, started_at, completed_at)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid,
       status, 'import', '{"file": "orders.csv"}', 1, now(), case status when 'completed' then now() end
from (values ('a'), ('b')) o(org), (values ('pending'), ('completed')) s(status);

insert into ops.ai_action_ledger (org_id, project_id, action, actor_type, model, status, input_tokens, output_tokens, total_tokens, cost_usd, latency_ms)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, null, 'summarise', 'agent', 'small-1', status, 900, 100, 1000, 0.0125, 840
from (values ('a'), ('b')) o(org), (values ('success'), ('rate_limited')) s(status);

-- What outside watchers write down: samples, health, recommendations, upgrades, background jobs and AI use.

create domain ops.metric_name as text check (value ~ '^[a-zA-Z_:][a-zA-Z0-9_:]*$' and length(value) <= 200);
comment on domain ops.metric_name is 'A name as Prometheus writes them: letters, digits, underscores and colons, no digit first.';
-- NaN sorts above Infinity, so this refuses it too.
create domain ops.finite_number as double precision check (value > '-Infinity' and value < 'Infinity');

-- Samples have no foreign keys: checked row by row they double the cost of a batch (measured: 5.3 against 10 µs a row),
-- and each new partition would lock ops.projects. ops.check_samples asks the same once a statement, and
-- ops.forget_samples deletes with the project. One index serves as key and for every question about a series.
create table ops.metrics (
  id bigint generated always as identity,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid,
  ts timestamptz not null default now(),
  metric ops.metric_name not null,
  value ops.finite_number not null,
  dims jsonb not null default '{}',
  primary key (project_id, metric, ts, id),
  constraint metrics_ts_is_finite check (isfinite(ts)),
  constraint metrics_dims_is_an_object check (jsonb_typeof(dims) = 'object')
) partition by range (ts);
comment on table ops.metrics is 'Samples of a project, append-only, in weekly partitions that housekeeping makes ahead and drops when they are past retention.';
comment on column ops.metrics.dims is 'What tells series of one name apart, such as {"host": "web-1"}.';
create index metrics_org on ops.metrics (org_id, ts desc);
create table ops.metrics_default partition of ops.metrics default;

create table ops.system_metrics (
  id bigint generated always as identity,
  org_id uuid references registry.orgs (id) on delete cascade,
  metric_name ops.metric_name not null,
  value ops.finite_number not null,
  unit text not null default '' check (length(unit) <= 60),
  status text not null default 'unknown' check (status in ('ok', 'warning', 'critical', 'unknown')),
  labels jsonb not null default '{}',
  recorded_at timestamptz not null default now(),
  primary key (metric_name, recorded_at, id),
  constraint system_metrics_recorded_at_is_finite check (isfinite(recorded_at)),
  constraint system_metrics_labels_is_an_object check (jsonb_typeof(labels) = 'object')
) partition by range (recorded_at);
comment on table ops.system_metrics is 'What the monitor records, partitioned as ops.metrics.';
comment on column ops.system_metrics.org_id is
  'Null: of the whole installation, such as the database''s own statistics, which may tell one org about another, so only service_role reads it. Where there is one org only, an insert without org_id is that org''s.';
create index system_metrics_org on ops.system_metrics (org_id, recorded_at desc);
create table ops.system_metrics_default partition of ops.system_metrics default;

create table ops.monitoring (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null unique,
  status text not null default 'unknown' check (status in ('healthy', 'warning', 'critical', 'unknown')),
  cpu_usage_pct ops.finite_number check (cpu_usage_pct >= 0),
  memory_usage_mb ops.finite_number check (memory_usage_mb >= 0),
  disk_usage_mb ops.finite_number check (disk_usage_mb >= 0),
  request_rate ops.finite_number check (request_rate >= 0),
  error_rate ops.finite_number check (error_rate >= 0),
  last_health_check timestamptz,
  alerts jsonb not null default '[]' check (jsonb_typeof(alerts) = 'array'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  foreign key (org_id, branch_id) references ops.branches (org_id, id) on delete cascade
);
comment on table ops.monitoring is 'How a branch''s environment is now: one row a branch, overwritten by each health check.';
comment on column ops.monitoring.cpu_usage_pct is 'Of one core: four busy cores are 400.';
comment on column ops.monitoring.request_rate is 'Requests a second.';
comment on column ops.monitoring.error_rate is 'Share of requests that failed, in per cent.';
create index monitoring_org_project on ops.monitoring (org_id, project_id);
-- Overwritten for as long as the branch lives; no index holds what changes, so updates stay HOT.
alter table ops.monitoring set (fillfactor = 70);

create table ops.advisories (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  key text not null default gen_random_uuid()::text check (length(key) between 1 and 500),
  severity text not null default 'info' check (severity in ('info', 'warning', 'critical')),
  category text not null default 'best-practice'
    check (category in ('security', 'performance', 'reliability', 'cost', 'upgrade', 'best-practice')),
  title text not null check (length(btrim(title)) between 1 and 300),
  recommendation text not null default '' check (length(recommendation) <= 10000),
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
  fix_sql text,
  status text not null default 'open' check (status in ('open', 'snoozed', 'resolved', 'dismissed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  resolved_at timestamptz,
  snoozed_until timestamptz,
  resolved_by uuid,
  unique (org_id, id),
  unique (project_id, key),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  constraint advisories_snoozed_has_an_end check (status <> 'snoozed' or snoozed_until is not null)
);
comment on table ops.advisories is 'Recommendations. A row is what is found now; what became of it before stands in ops.audit_log.';
comment on column ops.advisories.key is 'What was found, such as no_recent_build: a scan that finds it again writes to the same row. A random one where an outside client names none.';
comment on column ops.advisories.snoozed_until is 'After this a snoozed advisory counts as open again; the next scan writes that down.';
comment on column ops.advisories.resolved_by is 'Null where a scan saw that the cause is gone.';
create index advisories_org_project on ops.advisories (org_id, project_id);

create table ops.upgrades (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  from_version text not null check (length(btrim(from_version)) between 1 and 100),
  to_version text not null check (length(btrim(to_version)) between 1 and 100),
  status text not null default 'planned' check (status in ('planned', 'in_progress', 'completed', 'failed', 'rolled_back')),
  started_at timestamptz,
  completed_at timestamptz,
  error_message text,
  rollback_plan jsonb not null default '{}',
  created_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org_id, id),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade
);
comment on table ops.upgrades is 'Moves of a project''s runtime from one version to another, planned and done by admins.';
create index upgrades_org_project on ops.upgrades (org_id, project_id, created_at desc);

create table ops.ingest_jobs (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references registry.orgs (id) on delete cascade,
  project_id uuid,
  status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed', 'dead')),
  kind text not null default 'ingest' check (length(kind) between 1 and 200),
  payload jsonb not null default '{}',
  attempts integer not null default 0 check (attempts >= 0),
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade
);
comment on table ops.ingest_jobs is 'Background jobs of the operator''s own system, as that system reports them; nothing here runs them.';
create index ingest_jobs_org on ops.ingest_jobs (org_id, created_at desc);
create index ingest_jobs_project on ops.ingest_jobs (project_id) where project_id is not null;
create index ingest_jobs_pending on ops.ingest_jobs (created_at) where status = 'pending';
create index ingest_jobs_completed on ops.ingest_jobs (completed_at) where completed_at is not null;

create table ops.ai_action_ledger (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references registry.orgs (id) on delete cascade,
  project_id uuid,
  action text not null default 'unknown' check (length(action) between 1 and 300),
  actor_type text,
  model text,
  status text not null default 'success' check (length(status) between 1 and 200),
  error_message text,
  input_tokens bigint check (input_tokens >= 0),
  output_tokens bigint check (output_tokens >= 0),
  total_tokens bigint check (total_tokens >= 0),
  cost_usd numeric(18, 8) check (cost_usd >= 0 and cost_usd < 'Infinity'),
  latency_ms double precision check (latency_ms >= 0 and latency_ms < 'Infinity'),
  created_at timestamptz not null default now(),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade
);
comment on table ops.ai_action_ledger is 'Calls of AI models by the operator''s own system: what they did, what they cost, how they ended.';
comment on column ops.ai_action_ledger.status is 'success, or the kind of error.';
comment on column ops.ai_action_ledger.total_tokens is 'Input and output together where an insert leaves it out.';
create index ai_action_ledger_created on ops.ai_action_ledger (created_at);
create index ai_action_ledger_org on ops.ai_action_ledger (org_id, created_at desc);
create index ai_action_ledger_project on ops.ai_action_ledger (project_id) where project_id is not null;

-- What was deployed where, and what was rolled back: made by Plimsoll itself, or recorded by those who deploy by other means.

create table ops.deployments (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  environment_id uuid,
  environment text not null check (length(btrim(environment)) between 1 and 60),
  build_id uuid,
  external_id text check (length(external_id) between 1 and 200),
  version text check (length(version) <= 200),
  commit_sha text check (length(commit_sha) <= 100),
  branch_name text check (length(branch_name) <= 250),
  pr_number integer check (pr_number > 0),
  deployed_by text check (length(deployed_by) <= 200),
  source text not null default 'api' check (source in ('runner', 'api', 'webhook', 'backfill', 'ci')),
  status text not null default 'pending' check (status in ('pending', 'running', 'success', 'failed', 'rollback')),
  started_at timestamptz,
  completed_at timestamptz,
  deployed_at timestamptz,
  downtime_minutes numeric,
  downtime_detected_at timestamptz,
  error_rate_pct double precision check (error_rate_pct between 0 and 100),
  p95_ms double precision,
  pool_utilization_pct double precision check (pool_utilization_pct between 0 and 100),
  rollback_reason text check (length(rollback_reason) <= 10000),
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  happened_at timestamptz not null generated always as (coalesce(deployed_at, completed_at, started_at, created_at)) stored,
  unique (org_id, id),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  foreign key (org_id, environment_id) references ops.environments (org_id, id) on delete set null (environment_id),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete set null (build_id),
  constraint deployments_completed_at_is_not_before_started_at check (completed_at >= started_at),
  constraint deployments_completed_at_needs_an_end_status check (completed_at is null or status in ('success', 'failed', 'rollback')),
  -- "between" keeps out NaN as well, which is greater than every number.
  constraint deployments_downtime_minutes_is_0_to_one_year check (downtime_minutes between 0 and 525600),
  constraint deployments_p95_ms_is_0_to_one_day check (p95_ms between 0 and 86400000)
);
comment on column ops.deployments.environment is 'The kind of the environment when it was deployed to. Stays when the environment itself is deleted, and stands alone where none was ever set up.';
comment on column ops.deployments.external_id is 'What the outside calls this deployment: deployment_id of metrics.deployment_events.';
comment on column ops.deployments.downtime_minutes is 'Null: not measured.';
comment on column ops.deployments.happened_at is 'When it counts in figures: when it was deployed, or the nearest to that which is known.';
-- Figures read a span of time of one org and nothing but these columns.
create index deployments_org_figures on ops.deployments (org_id, happened_at) include (project_id, environment, status, downtime_minutes);
create index deployments_project on ops.deployments (project_id, environment, happened_at desc);
create index deployments_external on ops.deployments (project_id, external_id) where external_id is not null;
create index deployments_environment on ops.deployments (environment_id) where environment_id is not null;
create index deployments_build on ops.deployments (build_id) where build_id is not null;

create table ops.rollbacks (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  deployment_id uuid not null,
  rollback_trigger text not null default 'manual' check (rollback_trigger in ('DEPLOY-001', 'DEPLOY-002', 'DEPLOY-003', 'manual')),
  rollback_type text not null default 'traffic' check (rollback_type in ('traffic', 'database', 'full')),
  triggered_at timestamptz not null default now(),
  completed_at timestamptz,
  rollback_duration_minutes numeric(14, 4) generated always as (extract(epoch from completed_at - triggered_at) / 60) stored,
  rollback_success boolean,
  rollback_reason text check (length(rollback_reason) <= 10000),
  created_at timestamptz not null default now(),
  unique (org_id, id),
  foreign key (org_id, deployment_id) references ops.deployments (org_id, id) on delete cascade,
  constraint rollbacks_completed_at_is_not_before_triggered_at check (completed_at >= triggered_at)
);
comment on column ops.rollbacks.rollback_trigger is 'DEPLOY-001 error rate, DEPLOY-002 latency or a failed health check, DEPLOY-003 downtime, or somebody''s decision.';
create index rollbacks_deployment on ops.rollbacks (deployment_id);
create index rollbacks_org_figures on ops.rollbacks (org_id, triggered_at)
  include (deployment_id, rollback_trigger, rollback_type, rollback_duration_minutes, rollback_success);

-- What development tools report beside test runs: pull requests and rules kept or broken; and figures of a day made of them all.

create table metrics.pr_events (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  environment text not null default 'production' check (environment in ('local', 'staging', 'production')),
  pr_number integer not null check (pr_number > 0),
  pr_title text check (length(pr_title) <= 1000),
  branch_name text check (length(branch_name) <= 250),
  event_type text not null check (event_type in ('created', 'reviewed', 'merged', 'closed', 'reopened')),
  event_timestamp timestamptz not null default now(),
  author text check (length(author) <= 200),
  reviewer text check (length(reviewer) <= 200),
  labels text[] not null default '{}',
  cycle_time_seconds numeric,
  review_time_seconds numeric,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (org_id, id),
  unique (project_id, pr_number, event_type, event_timestamp),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  constraint pr_events_cycle_time_seconds_is_0_to_one_year check (cycle_time_seconds between 0 and 31536000),
  constraint pr_events_review_time_seconds_is_0_to_one_year check (review_time_seconds between 0 and 31536000)
);
comment on column metrics.pr_events.cycle_time_seconds is 'Created to merged, where the sender knows it; else it is worked out from the two events.';
create index pr_events_org_figures on metrics.pr_events (org_id, event_timestamp)
  include (project_id, environment, event_type, pr_number, cycle_time_seconds, review_time_seconds);

create table metrics.rule_compliance_events (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  environment text not null default 'production' check (environment in ('local', 'staging', 'production')),
  event_timestamp timestamptz not null default now(),
  rule_name text not null check (length(btrim(rule_name)) between 1 and 200),
  rule_category text not null check (rule_category in ('foundation', 'implementation', 'specialized')),
  compliance_status text not null check (compliance_status in ('compliant', 'violation', 'warning')),
  context_type text not null check (context_type in ('commit', 'pr', 'code_review', 'manual_check')),
  context_id text check (length(context_id) <= 200),
  branch_name text check (length(branch_name) <= 250),
  violation_details text check (length(violation_details) <= 10000),
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (org_id, id),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade
);
create index rule_compliance_events_org_figures on metrics.rule_compliance_events (org_id, event_timestamp)
  include (project_id, environment, compliance_status);
create index rule_compliance_events_project on metrics.rule_compliance_events (project_id, event_timestamp desc);

create table metrics.development_metrics (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  environment text not null default 'production' check (environment in ('local', 'staging', 'production')),
  metric_date date not null default current_date,
  metric_type text not null check (metric_type in (
    'pr_cycle_time', 'pr_cycle_time_avg', 'pr_cycle_time_median', 'pr_review_time', 'pr_review_time_avg', 'pr_review_time_median',
    'deployment_frequency', 'deployment_success_rate', 'deployment_error_rate', 'deployment_p95_ms', 'deployment_rework_rate',
    'downtime_minutes', 'rollback_time_minutes', 'pool_utilization', 'change_lead_time', 'change_fail_rate', 'failed_deployment_recovery_time',
    'build_success_rate', 'build_duration', 'build_duration_avg', 'build_duration_median', 'build_duration_p95',
    'test_pass_rate', 'test_pass_rate_avg', 'test_pass_rate_median', 'rule_compliance_rate', 'documentation_first_usage_rate')),
  metric_value numeric not null,
  metric_unit text check (length(metric_unit) <= 40),
  sample_size integer check (sample_size >= 0),
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (org_id, id),
  unique (project_id, environment, metric_type, metric_date),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  constraint development_metrics_metric_value_is_finite check (metric_value not in ('NaN', 'Infinity', '-Infinity'))
);
comment on table metrics.development_metrics is 'Figures of a day; a day without data has no row. Kept for ever.';
create index development_metrics_org on metrics.development_metrics (org_id, metric_type, metric_date) include (project_id, environment, metric_value);

-- Outside clients record test runs too. Where the environment is left out it follows the branch (metrics.fill_test_run).
alter table metrics.test_runs
  alter column environment drop default,
  alter column skipped_tests set default 0;
create index test_runs_org_figures on metrics.test_runs (org_id, run_timestamp) include (project_id, environment, pass_rate);

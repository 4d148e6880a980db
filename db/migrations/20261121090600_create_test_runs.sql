create table metrics.test_runs (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  build_id uuid,
  environment text not null default 'production' check (environment in ('local', 'staging', 'production')),
  run_id text not null,
  run_timestamp timestamptz not null default now(),
  total_tests integer not null check (total_tests >= 0),
  passed_tests integer not null check (passed_tests >= 0),
  failed_tests integer not null check (failed_tests >= 0),
  skipped_tests integer not null check (skipped_tests >= 0),
  pass_rate numeric(6, 3) generated always as
    (case when total_tests > skipped_tests then 100.0 * passed_tests / (total_tests - skipped_tests) end) stored,
  execution_time_seconds double precision not null default 0,
  test_type text not null default 'all' check (test_type in ('unit', 'integration', 'e2e', 'all')),
  branch_name text,
  commit_sha text,
  pr_number integer,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (org_id, id),
  unique (project_id, run_id),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade,
  check (passed_tests + failed_tests + skipped_tests <= total_tests)
);
create index test_runs_build on metrics.test_runs (build_id);

create table metrics.test_cases (
  test_run_id uuid not null,
  position integer not null,
  org_id uuid not null,
  suite text not null,
  name text not null,
  outcome text not null check (outcome in ('passed', 'failed', 'skipped')),
  duration_seconds double precision not null default 0,
  failure text,
  primary key (test_run_id, position),
  foreign key (org_id, test_run_id) references metrics.test_runs (org_id, id) on delete cascade
);
create index test_cases_name on metrics.test_cases (org_id, suite, name);

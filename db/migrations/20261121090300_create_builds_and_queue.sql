-- Domains for the reason given in create_projects.
create domain ops.build_status as text check (value in ('queued', 'running', 'success', 'failed', 'cancelled'));
create domain ops.failure_reason as text check (value in ('step_failed', 'timed_out', 'runner_lost', 'cancelled', 'superseded',
  'infrastructure', 'checkout_failed', 'invalid_build_file', 'log_limit', 'secret_unmaskable'));
create domain ops.build_trigger as text check (value in ('manual', 'commit', 'schedule', 'api'));
create domain ops.commit_sha as text check (value ~ '^[0-9a-f]{40}([0-9a-f]{24})?$');
create domain ops.run_status as text check (value in ('queued', 'claimed', 'running', 'done', 'failed'));
create domain ops.run_priority as smallint check (value between 1 and 10);
create domain ops.attempt_limit as integer check (value between 1 and 20);
create domain ops.running_limit as integer check (value between 0 and 10000);
create domain ops.attempt_outcome as text check (value in ('finished', 'lost', 'infrastructure'));

create table ops.builds (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  build_number integer not null,
  status ops.build_status not null default 'queued',
  failure_reason ops.failure_reason,
  trigger ops.build_trigger not null default 'manual',
  commit_sha ops.commit_sha,
  commit_message text,
  commit_author text,
  pr_number integer,
  params jsonb not null default '{}',
  started_at timestamptz,
  finished_at timestamptz,
  completed_at timestamptz generated always as (finished_at) stored,
  duration_seconds integer,
  error_message text,
  test_results jsonb,
  recipe text,
  sandbox_level text,
  rebuild_of uuid,
  seq bigint generated always as identity unique,
  log_bucket date not null default ((now() at time zone 'utc')::date),
  log_lines bigint not null default 0,
  first_error_line bigint,
  created_by uuid,
  created_at timestamptz not null default now(),
  unique (org_id, id),
  unique (project_id, build_number),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  foreign key (org_id, branch_id) references ops.branches (org_id, id) on delete cascade,
  check ((finished_at is null) = (status in ('queued', 'running')))
);
comment on column ops.builds.seq is 'Numbers builds across projects; a log line''s id is seq * 2^28 + its line number.';
comment on column ops.builds.log_bucket is 'The partition that holds all of this build''s log chunks.';
comment on column ops.builds.log_lines is 'Lines stored when the build ended; while it runs the lease holds the count.';
create index builds_branch_created on ops.builds (branch_id, created_at desc);
create index builds_org_created on ops.builds (org_id, created_at desc);
-- No index holds a column that changes while a build runs, so that starting and ending one stay HOT.
alter table ops.builds set (fillfactor = 80);

create table ops.run_queue (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  build_id uuid not null unique,
  status ops.run_status not null default 'queued',
  priority ops.run_priority not null default 5,
  rank timestamptz not null,
  ready boolean not null,
  claimed_by text,
  claimed_at timestamptz,
  fence bigint,
  attempts integer not null default 0,
  max_attempts ops.attempt_limit not null default 3,
  next_attempt_at timestamptz,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);
comment on column ops.run_queue.rank is 'Order within the org: time queued minus an advantage for stage and priority (see ops.queue_rank), so waiting long enough overtakes any class. Never after the time queued, which fairness between orgs needs.';
comment on column ops.run_queue.ready is 'First of its branch, branch idle, and past next_attempt_at: may be claimed now. Means nothing once status is no longer queued.';
comment on column ops.run_queue.fence is 'The fencing token of the latest lease: microseconds since 1970 when it was taken, raised where that would not exceed the one before.';
create index run_queue_ready on ops.run_queue (org_id, rank, id) where ready and status = 'queued';
create index run_queue_branch_waiting on ops.run_queue (branch_id, rank, id) where status = 'queued';
create unique index run_queue_one_per_branch on ops.run_queue (branch_id) where status in ('claimed', 'running');
create index run_queue_backoff on ops.run_queue (next_attempt_at) where status = 'queued' and next_attempt_at is not null;
alter table ops.run_queue set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0.05);

create table ops.leases (
  build_id uuid primary key,
  queue_id uuid not null,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  attempt integer not null,
  runner_id text not null,
  token bigint not null,
  log_bucket date not null,
  claimed_at timestamptz not null,
  renewed_at timestamptz not null,
  expires_at timestamptz not null,
  next_line bigint not null,
  token_seen boolean not null default true,
  log_bytes bigint not null default 0,
  first_error_line bigint,
  cancel_requested_at timestamptz,
  cancel_reason text,
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);
comment on column ops.leases.token_seen is 'False until the holder has shown its token: such a lease was taken by a caller of claim_next_run that may know nothing of tokens.';
comment on table ops.leases is 'One row a running build: the runner''s right to it. No index besides the key, so renewing and appending stay HOT.';
alter table ops.leases set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

create table ops.queue_lanes (
  org_id uuid primary key references registry.orgs (id) on delete cascade,
  running integer not null default 0 check (running >= 0),
  max_running ops.running_limit not null default 4,
  head_rank timestamptz,
  served_at timestamptz not null default '-infinity',
  turn timestamptz generated always as
    (case when head_rank is not null and running < max_running then greatest(head_rank, served_at) end) stored
);
comment on table ops.queue_lanes is
  'One row an org, and the lock of that org''s queue: enqueue, claim, finish and requeue all take it first. '
  'The smallest turn is served next: the age of the org''s best job, or when the org was last served if that is later, so no org can crowd out another.';
create index queue_lanes_turn on ops.queue_lanes (turn) where turn is not null;
alter table ops.queue_lanes set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

create table ops.build_attempts (
  build_id uuid not null,
  attempt integer not null,
  org_id uuid not null,
  runner_id text not null,
  token bigint not null,
  claimed_at timestamptz not null,
  ended_at timestamptz not null,
  outcome ops.attempt_outcome not null,
  detail text,
  primary key (build_id, attempt),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);
comment on table ops.build_attempts is 'Ended leases. The live one is in ops.leases.';

create table ops.build_steps (
  build_id uuid not null,
  attempt integer not null,
  position integer not null,
  org_id uuid not null,
  name text not null,
  phase text not null check (phase in ('checkout', 'build', 'test', 'package', 'deploy', 'promote', 'system')),
  command text,
  status text not null check (status in ('pending', 'running', 'success', 'failed', 'timed_out', 'cancelled', 'skipped')),
  started_at timestamptz,
  finished_at timestamptz,
  exit_code integer,
  first_line bigint,
  primary key (build_id, attempt, position),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);

create table ops.fenced_writes (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  build_id uuid not null,
  token bigint not null,
  live_token bigint,
  operation text not null,
  runner_id text,
  refused_at timestamptz not null default now(),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);
comment on table ops.fenced_writes is 'Writes that were refused because their fencing token was no longer the live one.';
create index fenced_writes_build on ops.fenced_writes (build_id, id);

create table ops.artifacts (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  build_id uuid not null,
  type text not null check (type in ('log', 'image', 'dump', 'report')),
  name text not null check (length(name) between 1 and 500),
  storage_path text not null,
  size_bytes bigint not null check (size_bytes >= 0),
  mime_type text not null default 'application/octet-stream',
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  unique (build_id, name),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);

create table ops.runners (
  id uuid primary key default gen_random_uuid(),
  org_id uuid references registry.orgs (id) on delete cascade,
  name text not null check (length(btrim(name)) between 1 and 200),
  token_hash bytea not null unique check (length(token_hash) = 32),
  version text not null,
  os text not null,
  arch text not null,
  host text not null,
  slots integer not null default 1 check (slots between 1 and 1000),
  sandbox_level text not null default 'none',
  registered_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  removed_at timestamptz
);
comment on column ops.runners.org_id is 'Null: shared, serves every org.';
create index runners_org on ops.runners (org_id);

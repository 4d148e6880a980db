-- Domains and not check constraints where a row is updated many times while its build runs: PostgreSQL reads a table's
-- check constraints anew for every statement, a domain's once a session, which makes a third of the time of a claim.
create domain ops.branch_stage as text check (value in ('production', 'staging', 'development'));
create domain ops.branch_status as text check (value in ('ready', 'building', 'error', 'archived'));

create table ops.projects (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references registry.orgs (id) on delete cascade,
  name text not null check (length(btrim(name)) between 1 and 200),
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$'),
  repo_url text not null check (length(repo_url) between 1 and 2000),
  default_branch text not null default 'main',
  runtime_version text not null default '19.0',
  status text not null default 'active' check (status in ('active', 'archived', 'suspended')),
  next_build_number integer not null default 1,
  sync_requested_at timestamptz default now(),
  sync_started_at timestamptz,
  synced_at timestamptz,
  sync_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org_id, id),
  unique (org_id, slug)
);
comment on column ops.projects.sync_requested_at is 'Set when the branches should be read from the repository again; the engine clears it. In the future: not before then.';
comment on column ops.projects.sync_started_at is 'When the last reading began. What was pushed or asked for since is newer than what it saw.';
comment on column ops.projects.sync_error is 'Why the last read of the repository failed, in words that say what to do.';
create index projects_sync on ops.projects (sync_requested_at) where sync_requested_at is not null;

create table ops.branches (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  name text not null check (length(name) between 1 and 250),
  stage ops.branch_stage not null default 'development',
  is_production boolean not null default false,
  last_build_id uuid,
  git_ref text,
  head_sha text check (head_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  head_pushed_at timestamptz,
  status ops.branch_status not null default 'ready',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org_id, id),
  unique (project_id, name),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade,
  check (is_production = (stage = 'production'))
);
comment on column ops.branches.head_pushed_at is 'When the push that set head_sha happened, so that a late delivery of an older push is ignored.';
create unique index branches_one_production on ops.branches (project_id) where is_production;
create index branches_org_project on ops.branches (org_id, project_id);
alter table ops.branches set (fillfactor = 70);

create table ops.environments (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  project_id uuid not null,
  name text not null check (length(btrim(name)) between 1 and 100),
  kind text not null default 'development' check (length(btrim(kind)) between 1 and 60),
  url text,
  live_slot text not null default 'blue' check (live_slot in ('blue', 'green')),
  generation bigint not null default 1,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  unique (org_id, id),
  unique (project_id, name),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade
);

create table ops.project_secrets (
  org_id uuid not null,
  project_id uuid not null,
  name text not null check (name ~ '^[A-Z_][A-Z0-9_]{0,99}$'),
  sealed bytea not null,
  updated_by uuid,
  updated_at timestamptz not null default now(),
  primary key (project_id, name),
  foreign key (org_id, project_id) references ops.projects (org_id, id) on delete cascade
);
comment on table ops.project_secrets is 'Build secrets, sealed with the server''s key, handed to the runner with a claim.';
create index project_secrets_org on ops.project_secrets (org_id);

-- What makes a repeated request harmless, and who did what.

create table ops.idempotency_keys (
  scope text not null,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null,
  response jsonb not null,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
comment on column ops.idempotency_keys.scope is 'Endpoint and caller, so that two callers'' keys never meet.';
create index idempotency_keys_created on ops.idempotency_keys (created_at);

create table ops.webhook_deliveries (
  id bigint generated always as identity primary key,
  org_id uuid not null references registry.orgs (id) on delete cascade,
  provider text not null,
  delivery_id text not null check (length(delivery_id) between 1 and 200),
  event text not null,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  outcome text,
  unique (org_id, provider, delivery_id)
);
create index webhook_deliveries_due on ops.webhook_deliveries (next_attempt_at) where processed_at is null;

create table ops.audit_log (
  id bigint generated always as identity primary key,
  org_id uuid references registry.orgs (id) on delete cascade,
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index audit_log_org on ops.audit_log (org_id, id desc);

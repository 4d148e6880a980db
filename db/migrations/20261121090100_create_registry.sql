-- Tenants, their members, and every credential. Only hashes of secrets are stored, or sealed bytes
-- where the plain text is needed again (webhook signatures, build secrets).

create table registry.orgs (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(btrim(name)) between 1 and 200),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  created_at timestamptz not null default now()
);
comment on table registry.orgs is 'The tenant. Every row that belongs to somebody carries its id as org_id.';

create table registry.org_members (
  org_id uuid not null references registry.orgs (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
  status text not null default 'active' check (status in ('active', 'invited', 'removed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, user_id)
);
create index org_members_user_id on registry.org_members (user_id) where status = 'active';

create table registry.api_tokens (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references registry.orgs (id) on delete cascade,
  name text not null check (length(btrim(name)) between 1 and 100),
  prefix text not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  scopes text[] not null check (scopes <> '{}' and scopes <@ array['read', 'build', 'admin', 'runner']),
  created_by uuid references auth.users (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_tokens_org_id on registry.api_tokens (org_id);
comment on column registry.api_tokens.token_hash is 'SHA-256 of the whole token. The token itself is shown once and never stored.';

create table registry.credentials (
  user_id uuid primary key references auth.users (id) on delete cascade,
  password_hash text not null,
  updated_at timestamptz not null default now()
);
comment on table registry.credentials is 'Console passwords, argon2id in PHC form.';

create table registry.sessions (
  token_hash bytea primary key check (length(token_hash) = 32),
  user_id uuid not null references auth.users (id) on delete cascade,
  user_agent text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_user_id on registry.sessions (user_id);

create table registry.signin_links (
  token_hash bytea primary key check (length(token_hash) = 32),
  user_id uuid not null references auth.users (id) on delete cascade,
  purpose text not null check (purpose in ('signin', 'invite')),
  org_id uuid references registry.orgs (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((purpose = 'invite') = (org_id is not null))
);
comment on column registry.signin_links.org_id is 'The org that an invitation leads into.';
create index signin_links_user_id on registry.signin_links (user_id);

create table registry.webhook_secrets (
  org_id uuid not null references registry.orgs (id) on delete cascade,
  provider text not null default 'github' check (provider in ('github', 'gitlab', 'gitea')),
  sealed bytea not null,
  previous_sealed bytea,
  rotated_at timestamptz not null default now(),
  primary key (org_id, provider)
);
comment on table registry.webhook_secrets is 'Sealed with the server''s key. The previous secret stays valid until the next rotation.';

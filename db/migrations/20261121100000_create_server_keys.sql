-- Keys of the installation, not of a tenant: in the database so that every replica has the same, two of a kind at most
-- alive, so that one can be changed without a moment in which clients have none.

create table registry.server_keys (
  id uuid primary key,
  kind text not null check (kind in ('publishable', 'secret', 'ingest', 'advisory', 'signing')),
  key_hash bytea not null unique check (length(key_hash) = 32),
  sealed bytea not null,
  public_jwk jsonb check ((public_jwk is not null) = (kind = 'signing')),
  created_at timestamptz not null default now(),
  superseded_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
comment on table registry.server_keys is
  'Keys that stand for the whole installation. The newest of a kind is in use; the one before is good until the next change.';
comment on column registry.server_keys.key_hash is 'SHA-256 of the whole key; of a signing key''s public point.';
comment on column registry.server_keys.sealed is
  'The key under the server''s seal key, so that its operator can be shown it; a signing key''s PKCS #8.';
create unique index server_keys_current on registry.server_keys (kind)
  where superseded_at is null and revoked_at is null;
create unique index server_keys_previous on registry.server_keys (kind)
  where superseded_at is not null and revoked_at is null;

-- Sign-ins through /auth/v1. A session is a chain of refresh tokens, each used once.

create table registry.auth_sessions (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  user_agent text,
  method text not null check (method in ('password', 'otp')),
  created_at timestamptz not null default now(),
  refreshed_at timestamptz not null default now(),
  expires_at timestamptz not null
);
comment on table registry.auth_sessions is 'Sign-ins of API clients; an access token names its session in the claim session_id.';
comment on column registry.auth_sessions.method is 'How the person proved who they are: a password, or a one-time link (RFC 8176 calls it otp).';
create index auth_sessions_user_id on registry.auth_sessions (user_id);

create table registry.refresh_tokens (
  token_hash bytea primary key check (length(token_hash) = 32),
  session_id uuid not null references registry.auth_sessions (id) on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
comment on column registry.refresh_tokens.used_at is
  'A used token is kept: that it comes back later means that two parties hold it, and ends the session.';
create index refresh_tokens_session_id on registry.refresh_tokens (session_id);

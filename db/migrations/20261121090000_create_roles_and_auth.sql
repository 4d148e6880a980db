-- Roles and the auth schema as Supabase creates them, and only where absent, so the same file runs on an
-- empty PostgreSQL and on a Supabase project (as its `postgres` role: CREATEROLE and BYPASSRLS, no superuser).

do $$
begin
  if not exists (select from pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator login noinherit;
    grant anon, authenticated, service_role to authenticator;
  end if;
  -- The migrating role must be able to switch to each request role (a superuser already can).
  if not (select rolsuper from pg_roles where rolname = current_user) then
    if not pg_has_role(current_user, 'authenticated', 'member') then execute format('grant authenticated to %I', current_user); end if;
    if not pg_has_role(current_user, 'anon', 'member') then execute format('grant anon to %I', current_user); end if;
    if not pg_has_role(current_user, 'service_role', 'member') then execute format('grant service_role to %I', current_user); end if;
  end if;
end
$$;

do $$
begin
  if not exists (select from pg_namespace where nspname = 'auth') then
    create schema auth;
    create table auth.users (
      id uuid primary key default gen_random_uuid(),
      email text unique,
      raw_app_meta_data jsonb not null default '{}',
      raw_user_meta_data jsonb not null default '{}',
      last_sign_in_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    comment on table auth.users is 'People who can sign in. On Supabase this table is Supabase''s own.';

    create function auth.jwt() returns jsonb language sql stable set search_path = '' as
      $f$ select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb, '{}'::jsonb) $f$;
    create function auth.uid() returns uuid language sql stable set search_path = '' as
      $f$ select nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')::uuid $f$;
    create function auth.role() returns text language sql stable set search_path = '' as
      $f$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' $f$;
    grant usage on schema auth to anon, authenticated, service_role;
    grant all on auth.users to service_role;
  end if;
end
$$;

create schema if not exists registry;
create schema if not exists ops;
create schema if not exists metrics;
grant usage on schema registry, ops, metrics to authenticated, service_role;
alter default privileges in schema registry revoke execute on functions from public;
alter default privileges in schema ops revoke execute on functions from public;
alter default privileges in schema metrics revoke execute on functions from public;

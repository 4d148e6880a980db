-- Roles and the auth schema as Supabase creates them, and only where absent, so the same file runs on an
-- empty PostgreSQL and on a Supabase project (as its `postgres` role: CREATEROLE and BYPASSRLS, no superuser).

do $$
declare
  r record;
begin
  for r in
    select * from (values (1, 'anon', 'nologin noinherit'), (2, 'authenticated', 'nologin noinherit'),
                          (3, 'service_role', 'nologin noinherit bypassrls'), (4, 'authenticator', 'login noinherit')) t(n, name, attributes)
    where not exists (select from pg_roles where rolname = t.name)
    order by n
  loop
    begin
      execute format('create role %I %s', r.name, r.attributes);
    exception
      -- Roles are the whole server's: another database may be set up at the same moment.
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise exception 'the role % does not exist and % may not create it: run "create role % %" as a superuser, then migrate again',
          r.name, current_user, r.name, r.attributes;
    end;
    if r.name = 'authenticator' then
      grant anon, authenticated, service_role to authenticator;
    end if;
  end loop;
  -- The migrating role must be able to switch to each request role (a superuser already can). Since PostgreSQL 16 its
  -- creator is a role's member without being allowed that.
  for r in
    select name from unnest(array['anon', 'authenticated', 'service_role']) t(name)
    where not (select rolsuper from pg_roles where rolname = current_user)
      and not pg_has_role(current_user, name::name, case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end)
  loop
    execute format('grant %I to %I', r.name, current_user);
  end loop;
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

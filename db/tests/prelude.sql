-- Runs before every test here, in its transaction, followed by the samples: two orgs, a and b, of the same make. By hand:
--   (echo begin\;; cat db/tests/prelude.sql db/samples/*.sql db/tests/audit/audit.sql) | psql -v ON_ERROR_STOP=1

-- Names that the catalogue prints are then qualified.
set local search_path = '';

create function pg_temp.user_of(p_org text, p_role text) returns uuid language sql as $$
  select (p_org || array_position(array['owner', 'admin', 'developer', 'viewer', 'removed'], p_role)
          || '000000-0000-4000-8000-000000000000')::uuid
$$;
create function pg_temp.org_of(p_org text) returns uuid language sql as
  $$ select (p_org || '0000000-0000-4000-8000-000000000000')::uuid $$;
create function pg_temp.project_of(p_org text) returns uuid language sql as
  $$ select (p_org || '0000000-1111-4000-8000-000000000000')::uuid $$;
-- 1 main (production), 2 staging, 3 feature/x (development).
create function pg_temp.branch_of(p_org text, p_number integer) returns uuid language sql as
  $$ select (p_org || p_number || '000000-2222-4000-8000-000000000000')::uuid $$;
-- 1 success, 2 running, 3 queued.
create function pg_temp.build_of(p_org text, p_number integer) returns uuid language sql as
  $$ select (p_org || p_number || '000000-3333-4000-8000-000000000000')::uuid $$;

-- From here on, statements run as a request of this person would.
create function pg_temp.act_as(p_user_id uuid, p_claims jsonb default '{}') returns void language sql as $$
  select set_config('request.jwt.claims', (jsonb_build_object('sub', p_user_id, 'role', 'authenticated') || p_claims)::text, true),
         set_config('role', 'authenticated', true)
$$;
create function pg_temp.act_as_token(p_org text, p_role text, variadic p_scopes text[]) returns void language sql as $$
  select pg_temp.act_as(pg_temp.user_of(p_org, p_role), jsonb_build_object(
    'plimsoll_token_id', gen_random_uuid(), 'plimsoll_org_id', pg_temp.org_of(p_org), 'plimsoll_scopes', p_scopes))
$$;
create function pg_temp.act_as_anon() returns void language sql as $$
  select set_config('request.jwt.claims', '{"role": "anon"}', true), set_config('role', 'anon', true)
$$;
create function pg_temp.act_as_service() returns void language sql as $$
  select set_config('request.jwt.claims', '{"role": "service_role"}', true), set_config('role', 'service_role', true)
$$;
-- The login role, with all its rights.
create function pg_temp.act_as_server() returns void language sql as
  $$ select set_config('request.jwt.claims', '', true), set_config('role', 'none', true) $$;

create function pg_temp.equal(p_what text, p_actual anycompatible, p_expected anycompatible) returns void language plpgsql as $$
begin
  if p_actual is distinct from p_expected then
    raise exception '%: expected %, got %', p_what, coalesce(p_expected::text, 'null'), coalesce(p_actual::text, 'null');
  end if;
end
$$;

-- The statement fails with this SQLSTATE and a message that contains p_message.
create function pg_temp.fails(p_sql text, p_sqlstate text, p_message text default '') returns void language plpgsql as $$
begin
  begin
    execute p_sql;
  exception when others then
    if sqlstate <> p_sqlstate or position(p_message in sqlerrm) = 0 then
      raise exception '%: expected % %, got % %', p_sql, p_sqlstate, p_message, sqlstate, sqlerrm;
    end if;
    return;
  end;
  raise exception '%: expected % %, but it went through', p_sql, p_sqlstate, p_message;
end
$$;

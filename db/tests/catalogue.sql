-- What must hold for every object of ours, whoever adds it.

-- Row level security is on for every table and partition.
do $$
declare
  v_bad text;
begin
  select string_agg(c.oid::regclass::text, ', ' order by 1) into v_bad
  from pg_class c
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p') and not c.relrowsecurity;
  perform pg_temp.equal('tables without row level security (add db/policies/<table>.sql)', v_bad, null);
end $$;

-- Views ask as the caller, or row level security would be the owner's.
do $$
declare
  v_bad text;
begin
  select string_agg(c.oid::regclass::text, ', ' order by 1) into v_bad
  from pg_class c
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('v', 'm')
    and (c.relkind = 'm' or not coalesce('security_invoker=true' = any (c.reloptions) or 'security_invoker=on' = any (c.reloptions), false));
  perform pg_temp.equal('views without security_invoker', v_bad, null);
end $$;

-- Every function pins search_path and has a comment; none is open to public or anon.
do $$
declare
  v_bad text;
begin
  select string_agg(p.oid::regprocedure::text, ', ' order by 1) into v_bad
  from pg_proc p
  where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics')
    and not exists (select from unnest(p.proconfig) s where s in ('search_path=""', 'search_path='));
  perform pg_temp.equal('functions that do not set search_path = ''''', v_bad, null);

  select string_agg(p.oid::regprocedure::text, ', ' order by 1) into v_bad
  from pg_proc p
  where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics') and obj_description(p.oid, 'pg_proc') is null;
  perform pg_temp.equal('functions without a comment', v_bad, null);

  select string_agg(p.oid::regprocedure::text, ', ' order by 1) into v_bad
  from pg_proc p
  where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics')
    and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0 and a.privilege_type = 'EXECUTE')
         or has_function_privilege('anon', p.oid, 'execute'));
  perform pg_temp.equal('functions that public or anon may call', v_bad, null);
end $$;

-- What people may call. A function that is missing here has not been thought about.
do $$
declare
  v_expected text[] := array[
    'metrics.calculate_avg_pr_cycle_time', 'metrics.calculate_avg_test_pass_rate', 'metrics.calculate_deployment_frequency',
    'metrics.calculate_rule_compliance_rate', 'metrics.figure_end', 'ops.calculate_deployment_success_rate', 'ops.default_project',
    'ops.artifact_location', 'ops.audit_entries', 'ops.archive_project', 'ops.branch_builds',
    'ops.build_detail', 'ops.build_logs', 'ops.build_tests', 'ops.create_project', 'ops.delete_project_secret', 'ops.dismiss_advisory',
    'ops.enqueue_build', 'ops.find_anything', 'ops.list_advisories', 'ops.list_project_secrets', 'ops.list_projects', 'ops.list_runners', 'ops.log_chunks_from',
    'ops.log_lines', 'ops.log_marks', 'ops.log_search', 'ops.my_org_ids', 'ops.project_branches', 'ops.project_builds', 'ops.project_metrics',
    'ops.project_by_repo', 'ops.rebuild', 'ops.remove_runner', 'ops.repo_key', 'ops.request_cancel', 'ops.request_sync', 'ops.resolve_advisory',
    'ops.set_branch_stage', 'ops.set_org_limit', 'ops.set_production_branch', 'ops.set_project_secret', 'ops.snooze_advisory', 'ops.trigger_build',
    'ops.why_queued',
    'ops.unescape_line',
    'registry.create_api_token', 'registry.create_org', 'registry.has_role', 'registry.invite_member', 'registry.is_service',
    'registry.list_api_tokens', 'registry.list_members', 'registry.member_role', 'registry.my_orgs',
    'registry.org_ids_with_role', 'registry.remove_member', 'registry.revoke_api_token', 'registry.set_member_role',
    'registry.set_webhook_secret'];
  v_bad text;
begin
  select string_agg(f.name, ', ' order by 1) into v_bad
  from (select distinct p.pronamespace::regnamespace || '.' || p.proname as name from pg_proc p
        where p.pronamespace::regnamespace::text in ('registry', 'ops', 'metrics')
          and has_function_privilege('authenticated', p.oid, 'execute')) f
  where f.name <> all (v_expected);
  perform pg_temp.equal('functions open to people without a stated expectation', v_bad, null);

  select string_agg(e.name, ', ' order by 1) into v_bad
  from unnest(v_expected) e(name)
  where not exists (select from pg_proc p where p.pronamespace::regnamespace || '.' || p.proname = e.name
                    and has_function_privilege('authenticated', p.oid, 'execute'));
  perform pg_temp.equal('functions that people are expected to call and cannot', v_bad, null);
end $$;

-- Nobody but the owner and service_role writes, save where outside clients do; nobody truncates or makes triggers.
do $$
declare
  v_bad text;
begin
  select string_agg(format('%s on %s by %s', privilege, c.oid::regclass, role), ', ' order by 1) into v_bad
  from pg_class c, unnest(array['anon', 'authenticated']) role,
       unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind in ('r', 'p', 'v', 'm')
    and case when privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege(role, c.oid, privilege)
             else has_table_privilege(role, c.oid, privilege) end
    and not (role = 'authenticated' and privilege = 'SELECT' and not c.relispartition)
    and not (role = 'authenticated' and privilege = 'INSERT'
             and c.oid::regclass::text in ('ops.projects', 'ops.branches', 'ops.builds', 'ops.upgrades', 'ops.deployments', 'ops.deployment_logs', 'ops.rollbacks',
               'ops.rollback_logs', 'metrics.deployment_events', 'metrics.pr_events', 'metrics.rule_compliance_events', 'metrics.test_runs'))
    and not (role = 'authenticated' and privilege = 'UPDATE' 
             and c.oid::regclass::text in ('ops.upgrades', 'ops.deployments', 'ops.deployment_logs', 'ops.rollbacks', 'ops.rollback_logs'));
  perform pg_temp.equal('grants that nobody stated', v_bad, null);

  select string_agg(c.oid::regclass::text, ', ' order by 1) into v_bad
  from pg_class c, unnest(array['anon', 'authenticated']) role
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and c.relkind = 'S'
    and (has_sequence_privilege(role, c.oid, 'usage') or has_sequence_privilege(role, c.oid, 'select') or has_sequence_privilege(role, c.oid, 'update'));
  perform pg_temp.equal('sequences that people may use', v_bad, null);

  perform pg_temp.equal('anon may enter a schema', bool_or(has_schema_privilege('anon', s, 'usage')), false)
  from unnest(array['registry', 'ops', 'metrics']) s;
  perform pg_temp.equal('people may create objects', bool_or(has_schema_privilege('authenticated', s, 'create')), false)
  from unnest(array['registry', 'ops', 'metrics']) s;
end $$;

-- Secrets and hashes are in no column that people may read.
do $$
declare
  v_bad text;
begin
  select string_agg(a.attrelid::regclass || '.' || a.attname, ', ' order by 1) into v_bad
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relnamespace::regnamespace::text in ('registry', 'ops', 'metrics') and a.attnum > 0 and not a.attisdropped
    and (a.attname ~ '(token_hash|password|sealed|secret)' or a.atttypid = 'bytea'::regtype)
    and has_column_privilege('authenticated', a.attrelid, a.attnum, 'select');
  perform pg_temp.equal('secret columns that people may read', v_bad, null);
end $$;

-- Membership is looked up once a statement, not once a row.
do $$
declare
  v_bad text;
begin
  select string_agg(tablename || '.' || policyname, ', ' order by 1) into v_bad
  from pg_policies
  where schemaname in ('registry', 'ops', 'metrics')
    and (coalesce(qual, with_check) !~ 'ANY \(ARRAY\( ?SELECT' or roles <> '{authenticated}');
  perform pg_temp.equal('policies that do not compare org_id with a list looked up once, or are for other roles', v_bad, null);
end $$;

-- The composite key keeps rows within their org.
do $$
declare
  v_bad text;
begin
  select string_agg(c.conrelid::regclass || ' → ' || c.confrelid::regclass, ', ' order by 1) into v_bad
  from pg_constraint c
  where c.contype = 'f' and c.connamespace::regnamespace::text in ('registry', 'ops', 'metrics')
    and exists (select from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'org_id' and not a.attisdropped)
    and not exists (select from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname = 'org_id');
  perform pg_temp.equal('foreign keys between tenant tables without org_id', v_bad, null);
end $$;

-- Background jobs, AI use and audit entries, as outside clients write them.
do $$
declare
  v_job text := 'insert into ops.ingest_jobs (kind, payload) values (''import'', ''{}'')';
  v_action text := 'insert into ops.ai_action_ledger (action, actor_type, model, status, input_tokens, output_tokens, cost_usd, latency_ms) values (''ask'', ''user'', ''m'', ''success'', 10, 5, 0.001, 300)';
begin
  perform pg_temp.act_as_service();
  perform pg_temp.fails(v_job, 'PT400', 'it is not clear whose row this is for ops.ingest_jobs: add org_id or project_id');
  perform pg_temp.fails(v_action, 'PT400', 'it is not clear whose row this is for ops.ai_action_ledger: add org_id or project_id');
  insert into ops.ingest_jobs (project_id, kind) values (pg_temp.project_of('b'), 'of the project');
  perform pg_temp.equal('by project', (select j.org_id from ops.ingest_jobs j where j.kind = 'of the project'), pg_temp.org_of('b'));
  insert into ops.ingest_jobs (org_id, kind) values (pg_temp.org_of('a'), 'of the org');
  perform pg_temp.fails(format('insert into ops.ingest_jobs (org_id, project_id) values (%L, %L)', pg_temp.org_of('a'), pg_temp.project_of('b')), '23503');
  perform pg_temp.fails(format('insert into ops.ai_action_ledger (project_id) values (%L)', gen_random_uuid()), 'PT404', 'no such project');
  perform pg_temp.fails('update ops.ingest_jobs set status = ''lost''', '23514');
  perform pg_temp.fails('update ops.ai_action_ledger set cost_usd = ''NaN''', '23514');
  insert into ops.audit_log (actor, action, target, detail) values ('edge', 'x.y', 'thing:1', '{"a": 1}');
  perform pg_temp.equal('audit', (select l.created_at = now() and l.id > 0 from ops.audit_log l where l.actor = 'edge'), true);

  -- With one org it is clear whose they are.
  perform pg_temp.act_as_server();
  delete from registry.orgs where id = pg_temp.org_of('b');
  delete from ops.ai_action_ledger;
  perform pg_temp.act_as_service();
  execute v_job;
  execute v_action;
  insert into ops.ai_action_ledger (total_tokens, output_tokens) values (99, 5);
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.equal('job', (select count(*) from ops.ingest_jobs j where j.kind = 'import' and j.payload = '{}'), 1);
  perform pg_temp.equal('tokens added up', (select array_agg(l.total_tokens order by l.total_tokens) from ops.ai_action_ledger l), array[15, 99]::bigint[]);
end $$;

-- The org that is meant: a person's or token's only one, the server's only one.
do $$
begin
  perform pg_temp.act_as_server();
  perform pg_temp.equal('server, two orgs gone to one', registry.default_org(), pg_temp.org_of('a'));
  insert into registry.orgs (id, name) values (pg_temp.org_of('c'), 'C');
  perform pg_temp.equal('server, two orgs', registry.default_org(), null);
  insert into registry.org_members (org_id, user_id, role) values (pg_temp.org_of('c'), pg_temp.user_of('a', 'owner'), 'owner');
  grant execute on function registry.default_org() to authenticated;
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.equal('a member of two', registry.default_org(), null);
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.equal('a member of one', registry.default_org(), pg_temp.org_of('a'));
  perform pg_temp.act_as_token('a', 'owner', 'read');
  perform pg_temp.equal('a token', registry.default_org(), pg_temp.org_of('a'));
  perform pg_temp.act_as(gen_random_uuid());
  perform pg_temp.equal('a stranger', registry.default_org(), null);
end $$;

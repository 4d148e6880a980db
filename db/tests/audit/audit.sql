do $$
declare
  v_org uuid := pg_temp.org_of('a');
  v_last bigint;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform registry.set_member_role(v_org, pg_temp.user_of('a', 'viewer'), 'developer');
  perform pg_temp.equal('who and what', (select a.actor_name || ' ' || a.action || ' ' || a.detail::text from ops.audit_entries(v_org) a limit 1),
    'admin@a.example member.role_changed {"to": "developer", "from": "viewer"}');
  perform pg_temp.act_as_token('a', 'owner', 'build');
  perform ops.set_branch_stage(pg_temp.branch_of('a', 3), 'staging');
  perform pg_temp.equal('a token', (select a.actor like 'token:%' from ops.audit_entries(v_org) a limit 1), true);

  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.equal('by action', (select array_agg(distinct a.action) from ops.audit_entries(v_org, p_action => 'member') a), array['member.role_changed']);
  perform pg_temp.equal('by part of a word', (select count(*) from ops.audit_entries(v_org, p_action => 'mem')), 0);
  perform pg_temp.equal('by person', (select count(*) from ops.audit_entries(v_org, p_actor => 'ADMIN@') a where a.actor_name <> 'admin@a.example'), 0);
  perform pg_temp.equal('by person', (select count(*) from ops.audit_entries(v_org, p_actor => 'ADMIN@')), 1);
  select a.id into v_last from ops.audit_entries(v_org, p_limit => 1) a;
  perform pg_temp.equal('next page', (select max(a.id) < v_last from ops.audit_entries(v_org, p_before => v_last) a), true);
  perform pg_temp.fails(format('select * from ops.audit_entries(%L)', pg_temp.org_of('b')), 'PT404');
  perform pg_temp.fails(format('select ops.audit(%L, ''x'', ''y'')', v_org), '42501');
end $$;

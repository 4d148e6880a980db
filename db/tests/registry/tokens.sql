-- Scopes cap the role of the token's maker.
do $$
declare
  v_org uuid := pg_temp.org_of('a');
  c record;
begin
  for c in
    select * from (values
      ('owner', array['admin'], 'admin'), ('owner', array['build'], 'developer'), ('owner', array['read'], 'viewer'),
      ('owner', array['runner'], null), ('owner', array['read', 'build', 'admin'], 'admin'), ('owner', array['read', 'runner'], 'viewer'),
      ('developer', array['admin'], 'developer'), ('viewer', array['build'], 'viewer'), ('removed', array['admin'], null)
    ) t(maker, scopes, role)
  loop
    perform pg_temp.act_as_token('a', c.maker, variadic c.scopes);
    perform pg_temp.equal(format('role of a token of %s with %s', c.maker, c.scopes), registry.member_role(v_org), c.role);
    perform pg_temp.equal('role elsewhere', registry.member_role(pg_temp.org_of('b')), null);
    perform pg_temp.equal('orgs seen', (select count(*) from ops.my_org_ids()), (c.role is not null)::integer);
  end loop;
  perform pg_temp.act_as_token('a', 'owner', 'admin');
  perform pg_temp.fails('select registry.create_org(''Another'')', 'PT403', 'sign in');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''owner'')', v_org, pg_temp.user_of('a', 'admin')), 'PT403');
end $$;

do $$
declare
  v_org uuid := pg_temp.org_of('a');
  v_token uuid;
  v_create text := 'select registry.create_api_token(%L, %L, %L, ''plim_api_ab'', %L, %L)';
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format(v_create, v_org, 'ci', '{read}', sha256('t'), null), 'PT403');
  perform pg_temp.fails(format('select * from registry.list_api_tokens(%L)', v_org), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform pg_temp.fails(format(v_create, v_org, ' ', '{read}', sha256('t'), null), 'PT400', 'name');
  perform pg_temp.fails(format(v_create, v_org, 'ci', '{}', sha256('t'), null), 'PT400', 'scopes');
  perform pg_temp.fails(format(v_create, v_org, 'ci', '{root}', sha256('t'), null), 'PT400', 'scopes');
  perform pg_temp.fails(format(v_create, v_org, 'ci', '{read}', sha256('t'), now() - interval '1 day'), 'PT400', 'expired');
  v_token := registry.create_api_token(v_org, 'deploys', array['build', 'read', 'build'], 'plim_api_ab', sha256('t'), now() + interval '1 hour');
  perform pg_temp.equal('listed', (select t.scopes::text || t.created_by_email from registry.list_api_tokens(v_org) t where t.id = v_token), '{build,read}admin@a.example');

  perform pg_temp.act_as_server();
  perform pg_temp.equal('stands for', (select t.user_id from registry.authenticate_token(sha256('t')) t), pg_temp.user_of('a', 'admin'));
  perform pg_temp.equal('last used', (select last_used_at is not null from registry.api_tokens where id = v_token), true);
  perform pg_temp.equal('an unknown token', (select count(*) from registry.authenticate_token(sha256('u'))), 0);
  update registry.api_tokens set expires_at = now() - interval '1 second' where id = v_token;
  perform pg_temp.equal('an expired token', (select count(*) from registry.authenticate_token(sha256('t'))), 0);
  update registry.api_tokens set expires_at = null where id = v_token;
  perform pg_temp.equal('a token without end', (select count(*) from registry.authenticate_token(sha256('t'))), 1);

  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  perform pg_temp.fails(format('select registry.revoke_api_token(%L)', v_token), 'PT404', 'no such token');
  perform pg_temp.act_as(pg_temp.user_of('a', 'viewer'));
  perform pg_temp.fails(format('select registry.revoke_api_token(%L)', v_token), 'PT403');
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform registry.revoke_api_token(v_token);
  perform registry.revoke_api_token(v_token);
  perform pg_temp.equal('revoked and listed', (select count(*) from registry.list_api_tokens(v_org) t where t.id = v_token), 0);
  perform pg_temp.act_as_server();
  perform pg_temp.equal('a revoked token', (select count(*) from registry.authenticate_token(sha256('t'))), 0);

  -- Made by the server itself, it acts as the first owner.
  v_token := registry.create_api_token(v_org, 'local', array['admin'], 'plim_api_cd', sha256('s'));
  perform pg_temp.equal('made by', (select created_by from registry.api_tokens where id = v_token), pg_temp.user_of('a', 'owner'));
end $$;

-- A login role that may read as people do is not the server.
do $$
begin
  create role plimsoll_test_reader login;
  grant authenticated to plimsoll_test_reader;
  set local session authorization plimsoll_test_reader;
  perform pg_temp.equal('a login role with authenticated granted is the server', registry.is_service(), false);
  perform pg_temp.equal('and sees orgs', (select count(*) from registry.my_orgs()), 0);
end $$;

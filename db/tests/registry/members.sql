-- Who may change whom, and that an org always keeps an owner.
do $$
declare
  v_org uuid := pg_temp.org_of('a');
begin
  -- Viewers and developers change nobody; strangers see no org.
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform pg_temp.fails(format('select registry.invite_member(%L, ''new@x.example'', ''viewer'', sha256(''l''), now() + interval ''1 day'')', v_org), 'PT403', 'needs the role admin');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''admin'')', v_org, pg_temp.user_of('a', 'developer')), 'PT403');
  perform pg_temp.fails(format('select registry.remove_member(%L, %L)', v_org, pg_temp.user_of('a', 'viewer')), 'PT403');
  perform pg_temp.equal('members a developer sees', (select count(*) from registry.list_members(v_org)), 4);
  perform pg_temp.fails(format('select * from registry.list_members(%L)', pg_temp.org_of('b')), 'PT404', 'no such organisation');
  perform pg_temp.fails(format('select * from registry.list_members(%L)', gen_random_uuid()), 'PT404', 'no such organisation');
  perform pg_temp.act_as(pg_temp.user_of('a', 'removed'));
  perform pg_temp.fails(format('select * from registry.list_members(%L)', v_org), 'PT404');

  -- Admins change all but owners.
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform registry.set_member_role(v_org, pg_temp.user_of('a', 'viewer'), 'developer');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''owner'')', v_org, pg_temp.user_of('a', 'viewer')), 'PT403', 'needs the role owner');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''viewer'')', v_org, pg_temp.user_of('a', 'owner')), 'PT403');
  perform pg_temp.fails(format('select registry.remove_member(%L, %L)', v_org, pg_temp.user_of('a', 'owner')), 'PT403');
  perform pg_temp.fails(format('select registry.invite_member(%L, ''new@x.example'', ''owner'', sha256(''l''), now() + interval ''1 day'')', v_org), 'PT403');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''captain'')', v_org, pg_temp.user_of('a', 'viewer')), 'PT400', 'one of viewer');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''viewer'')', v_org, pg_temp.user_of('b', 'viewer')), 'PT404');

  -- The last owner stays; with another, anybody may go.
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails(format('select registry.remove_member(%L, %L)', v_org, pg_temp.user_of('a', 'owner')), 'PT409', 'last owner');
  perform pg_temp.fails(format('select registry.set_member_role(%L, %L, ''admin'')', v_org, pg_temp.user_of('a', 'owner')), 'PT409', 'last owner');
  perform registry.set_member_role(v_org, pg_temp.user_of('a', 'admin'), 'owner');
  perform registry.remove_member(v_org, pg_temp.user_of('a', 'owner'));
  perform pg_temp.fails(format('select * from registry.list_members(%L)', v_org), 'PT404');
  perform pg_temp.equal('orgs of the one who left', (select count(*) from registry.my_orgs()), 0);

  -- Leaving is everybody's right; a token does not leave for its maker.
  perform pg_temp.act_as(pg_temp.user_of('a', 'developer'));
  perform registry.remove_member(v_org, pg_temp.user_of('a', 'developer'));
  perform pg_temp.act_as_token('a', 'viewer', 'read');
  perform pg_temp.fails(format('select registry.remove_member(%L, %L)', v_org, pg_temp.user_of('a', 'viewer')), 'PT403');
end $$;

-- A removed member's tokens are dead, also after the member comes back.
do $$
declare
  v_hash bytea := sha256('of the developer');
begin
  perform pg_temp.act_as_server();
  insert into registry.api_tokens (org_id, name, prefix, token_hash, scopes, created_by)
  values (pg_temp.org_of('b'), 'mine', 'plim_api_x', v_hash, '{read}', pg_temp.user_of('b', 'developer'));
  perform pg_temp.equal('a good token', (select count(*) from registry.authenticate_token(v_hash)), 1);
  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  perform registry.remove_member(pg_temp.org_of('b'), pg_temp.user_of('b', 'developer'));
  perform pg_temp.act_as_server();
  perform pg_temp.equal('the token of a removed member', (select count(*) from registry.authenticate_token(v_hash)), 0);
  update registry.org_members set status = 'active' where org_id = pg_temp.org_of('b') and user_id = pg_temp.user_of('b', 'developer');
  perform pg_temp.equal('the token of one who came back', (select count(*) from registry.authenticate_token(v_hash)), 0);
end $$;

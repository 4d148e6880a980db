do $$
declare
  v_org uuid := pg_temp.org_of('a');
  v_link bytea := sha256('the link');
  v_user uuid;
  v_status text;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  select i.user_id, i.status into v_user, v_status
  from registry.invite_member(v_org, ' New@X.example ', 'developer', v_link, now() + interval '1 day') i;
  perform pg_temp.equal('somebody new is', v_status, 'invited');
  perform pg_temp.equal('listed as', (select m.email || ' ' || m.status from registry.list_members(v_org) m where m.user_id = v_user), 'new@x.example invited');
  perform pg_temp.act_as(v_user);
  perform pg_temp.equal('orgs before the link was used', (select count(*) from registry.my_orgs()), 0);
  perform pg_temp.fails(format('select registry.use_signin_link(%L)', v_link), '42501');

  perform pg_temp.act_as_server();
  perform pg_temp.equal('the link signs in', registry.use_signin_link(v_link), v_user);
  perform pg_temp.equal('once', registry.use_signin_link(v_link), null);
  perform pg_temp.act_as(v_user);
  perform pg_temp.equal('role after the link was used', (select o.role from registry.my_orgs() o), 'developer');

  perform pg_temp.act_as(pg_temp.user_of('a', 'admin'));
  perform pg_temp.fails(format('select registry.invite_member(%L, ''new@x.example'', ''viewer'', sha256(''2''), now() + interval ''1 day'')', v_org), 'PT409', 'member already');
  perform pg_temp.fails(format('select registry.invite_member(%L, ''not an address'', ''viewer'', sha256(''2''), now() + interval ''1 day'')', v_org), 'PT400', 'e-mail');
end $$;

-- No link opens an account that is in use: its bearer would see that person's other orgs.
do $$
declare
  v_status text;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  select i.status into v_status
  from registry.invite_member(pg_temp.org_of('a'), 'owner@b.example', 'viewer', sha256('theft'), now() + interval '1 day') i;
  perform pg_temp.equal('the owner of another org is', v_status, 'invited');
  perform pg_temp.act_as_server();
  perform pg_temp.equal('and the link', registry.use_signin_link(sha256('theft')), null);
  perform pg_temp.equal('who is nobody', registry.join_org(sha256('theft'), null), 'other');
  perform pg_temp.equal('somebody else', registry.join_org(sha256('theft'), pg_temp.user_of('a', 'owner')), 'other');
  perform pg_temp.equal('they themselves', registry.join_org(sha256('theft'), pg_temp.user_of('b', 'owner')), 'joined');
  perform pg_temp.equal('again', registry.join_org(sha256('theft'), pg_temp.user_of('b', 'owner')), null);
  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  perform pg_temp.equal('orgs now', (select count(*) from registry.my_orgs()), 2);
end $$;

-- Inviting again replaces the link; removing ends it; an old one does nothing.
do $$
declare
  v_org uuid := pg_temp.org_of('a');
  v_user uuid;
begin
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  select i.user_id into v_user from registry.invite_member(v_org, 'late@x.example', 'viewer', sha256('first'), now() + interval '1 day') i;
  perform registry.invite_member(v_org, 'late@x.example', 'viewer', sha256('second'), now() + interval '1 day');
  perform pg_temp.act_as_server();
  perform pg_temp.equal('the first link', registry.use_signin_link(sha256('first')), null);
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform registry.remove_member(v_org, v_user);
  perform pg_temp.act_as_server();
  perform pg_temp.equal('the link of one removed', registry.use_signin_link(sha256('second')), null);
  perform registry.create_signin_link(sha256('old'), v_user, 'signin', now() - interval '1 second');
  perform pg_temp.equal('an expired link', registry.use_signin_link(sha256('old')), null);
end $$;

-- Any org may invite any address first. What it learns by that opens no other org, in whatever order the links are used.
do $$
declare
  v_victim uuid;
begin
  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  perform registry.invite_member(pg_temp.org_of('b'), 'both@x.example', 'viewer', sha256('of b'), now() + interval '1 day');
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  select i.user_id into v_victim
  from registry.invite_member(pg_temp.org_of('a'), 'both@x.example', 'admin', sha256('of a'), now() + interval '1 day') i;
  perform pg_temp.act_as_server();
  perform pg_temp.equal('the first link signs in', registry.use_signin_link(sha256('of a')), v_victim);
  perform pg_temp.equal('the link that another org kept', registry.use_signin_link(sha256('of b')), null);
  perform pg_temp.equal('nor does it sign up', registry.accept_invitation(sha256('of b'), 'both@x.example', '$x'), null);

  perform pg_temp.act_as(pg_temp.user_of('b', 'owner'));
  select i.user_id into v_victim
  from registry.invite_member(pg_temp.org_of('b'), 'early@x.example', 'viewer', sha256('early'), now() + interval '1 day') i;
  perform pg_temp.act_as_server();
  perform pg_temp.equal('an account made beforehand', registry.accept_invitation(sha256('early'), 'early@x.example', '$x'), v_victim);
  perform pg_temp.act_as(pg_temp.user_of('a', 'owner'));
  perform registry.invite_member(pg_temp.org_of('a'), 'early@x.example', 'admin', sha256('late'), now() + interval '1 day');
  perform pg_temp.act_as(v_victim);
  perform pg_temp.equal('is in no org whose link it does not have', (select array_agg(o.id) from registry.my_orgs() o), array[pg_temp.org_of('b')]);
end $$;
